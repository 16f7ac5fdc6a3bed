# METADATA
# title: Objects keep the cluster's own admission policies
# description: >-
#   ValidatingAdmissionPolicies, with their bindings and parameters, and templates and constraints of Gatekeeper are evaluated
#   as the cluster does when an object is created: those among the objects, and those in policies/admission. Each policy and
#   each constraint speaks under its own name, admission/NAME, which a row of the table or a waiver can name too. One that only
#   warns or audits is a warning. What needs the cluster (who asks, what a user may do) is accounted for as not judged.
# custom:
#   needs: [facts.admission]
#   help: >-
#     Change the object as the policy wants it, or the policy or its parameters.
#   examples:
#     good: |
#       apiVersion: admissionregistration.k8s.io/v1
#       kind: ValidatingAdmissionPolicy
#       metadata: {name: few.example.com}
#       spec:
#         matchConstraints:
#           resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}]
#         validations: [{expression: object.spec.replicas <= 3, message: at most 3 replicas}]
#       ---
#       apiVersion: admissionregistration.k8s.io/v1
#       kind: ValidatingAdmissionPolicyBinding
#       metadata: {name: few.example.com}
#       spec: {policyName: few.example.com, validationActions: [Deny]}
#       ---
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web, namespace: shop}
#       spec:
#         selector: {matchLabels: {app: web}}
#         template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: "example.com/web:1"}]}}
#     bad: |
#       apiVersion: admissionregistration.k8s.io/v1
#       kind: ValidatingAdmissionPolicy
#       metadata: {name: few.example.com}
#       spec:
#         matchConstraints:
#           resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}]
#         validations: [{expression: object.spec.replicas <= 3, message: at most 3 replicas}]
#       ---
#       apiVersion: admissionregistration.k8s.io/v1
#       kind: ValidatingAdmissionPolicyBinding
#       metadata: {name: few.example.com}
#       spec: {policyName: few.example.com, validationActions: [Deny]}
#       ---
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web, namespace: shop}
#       spec:
#         replicas: 4
#         selector: {matchLabels: {app: web}}
#         template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: "example.com/web:1"}]}}
package kubevet.admission.policy

import rego.v1

deny contains {"msg": denial.message, "path": denial.path, "policy": denial.policy, "warns": warns, "related": related} if {
	some denial in input.facts.admission
	warns := denial.denies == false
	related := [{"object": definition, "path": denial.at, "note": "the policy"} |
		definition := denial.definition
		definition != null
	]
}

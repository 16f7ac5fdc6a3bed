# METADATA
# title: NetworkPolicies select something
# description: >-
#   A policy whose podSelector no Pod of its namespace matches protects nothing and opens nothing; usually a label was
#   renamed or misspelt. Empty selectors and those that ask for no value of a label are meant for whatever comes and are
#   not judged, nor are namespaces that are not all here or in which an operator makes Pods that are not known.
# custom:
#   kinds: [NetworkPolicy]
#   needs: [facts.network.policy.selectsNothing]
#   help: Make podSelector match the labels of a Pod template in the policy's namespace, or remove the policy.
#   examples:
#     good: |
#       apiVersion: networking.k8s.io/v1
#       kind: NetworkPolicy
#       metadata: {name: web, namespace: shop}
#       spec:
#         podSelector: {matchLabels: {app: web}}
#       ---
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web, namespace: shop}
#       spec:
#         template:
#           metadata: {labels: {app: web}}
#           spec:
#             containers:
#               - {name: web, image: example/web:1}
#     bad: |
#       apiVersion: networking.k8s.io/v1
#       kind: NetworkPolicy
#       metadata: {name: web, namespace: shop}
#       spec:
#         podSelector: {matchLabels: {app: wbe}}
#       ---
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web, namespace: shop}
#       spec:
#         template:
#           metadata: {labels: {app: web}}
#           spec:
#             containers:
#               - {name: web, image: example/web:1}
package kubevet.network.policy_selects_nothing

import rego.v1

deny contains {"msg": "podSelector selects no workload of its namespace", "path": ["spec", "podSelector"]} if {
	input.facts.network.policy.selectsNothing
}

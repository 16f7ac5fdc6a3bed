# METADATA
# title: Nothing uses an API version that is on its way out
# description: >-
#   These versions are still served, but the next releases will not have them: objects in Git that use one stop applying
#   on the day of the upgrade. Versions that are gone already are schema/api-version's. The operators' versions are those
#   that their current releases no longer serve.
# custom:
#   texts: [alpha, beta, Endpoints]
#   fix: true
#   help: >-
#     Use the newer version; `kubectl convert` or the operator's notes say what else changed.
#   examples:
#     good: |
#       apiVersion: networking.k8s.io/v1
#       kind: IPAddress
#       metadata: {name: 192.0.2.7}
#     bad: |
#       apiVersion: external-secrets.io/v1beta1
#       kind: ExternalSecret
#       metadata: {name: app}
package kubevet.api.deprecated_version

import data.kubevet.lib.parameters
import data.kubevet.lib.upgrade
import rego.v1

# apiVersion -> what to use, and the Kubernetes minor version that brought it (0: an operator did).
replacements := {
	"admissionregistration.k8s.io/v1beta1": {"use": "admissionregistration.k8s.io/v1", "since": 30},
	"cert-manager.io/v1alpha2": {"use": "cert-manager.io/v1", "since": 0},
	"cert-manager.io/v1alpha3": {"use": "cert-manager.io/v1", "since": 0},
	"cert-manager.io/v1beta1": {"use": "cert-manager.io/v1", "since": 0},
	"external-secrets.io/v1alpha1": {"use": "external-secrets.io/v1", "since": 0},
	"external-secrets.io/v1beta1": {"use": "external-secrets.io/v1", "since": 0},
	"flowcontrol.apiserver.k8s.io/v1beta3": {"use": "flowcontrol.apiserver.k8s.io/v1", "since": 29},
	"gateway.networking.k8s.io/v1beta1": {"use": "gateway.networking.k8s.io/v1", "since": 0},
	"kafka.strimzi.io/v1beta1": {"use": "kafka.strimzi.io/v1", "since": 0},
	"kafka.strimzi.io/v1beta2": {"use": "kafka.strimzi.io/v1", "since": 0},
	"networking.k8s.io/v1beta1": {"use": "networking.k8s.io/v1", "since": 33},
	"resource.k8s.io/v1beta1": {"use": "resource.k8s.io/v1", "since": 34},
	"resource.k8s.io/v1beta2": {"use": "resource.k8s.io/v1", "since": 34},
	"storage.k8s.io/v1beta1": {"use": "storage.k8s.io/v1", "since": 34},
}

# Kinds that have no newer version in the group of their old one, or have it later: the minor version that brought it.
later := {
	["admissionregistration.k8s.io/v1beta1", "MutatingAdmissionPolicy"]: 36,
	["admissionregistration.k8s.io/v1beta1", "MutatingAdmissionPolicyBinding"]: 36,
	["gateway.networking.k8s.io/v1beta1", "ReferenceGrant"]: never,
	["resource.k8s.io/v1beta2", "DeviceTaintRule"]: never,
}

never := 1000

deny contains {"msg": msg, "path": ["apiVersion"], "fix": upgrade.to(newer.use)} if {
	newer := replacements[input.apiVersion]
	parameters.at_least(object.get(later, [[input.apiVersion, input.kind]], newer.since))
	msg := sprintf("%s of %s is deprecated; use %s", [input.apiVersion, input.kind, newer.use])
}

deny contains {"msg": msg, "path": ["kind"]} if {
	input.apiVersion == "v1"
	input.kind == "Endpoints"
	parameters.at_least(33)
	msg := "v1 Endpoints is deprecated; use discovery.k8s.io/v1 EndpointSlice"
}

# METADATA
# title: Ingress controllers can reach the backends of Ingresses
# description: >-
#   An Ingress sends requests through a controller whose Pods run elsewhere. If the NetworkPolicies of the backend let in
#   Pods of its own namespace only, every request ends in a timeout.
# custom:
#   kinds: [Ingress]
#   help: >-
#     Allow ingress on the port of the Pods from the controller's namespace (namespaceSelector with
#     kubernetes.io/metadata.name) in a policy that selects the backend.
package kubevet.network.ingress_backend

import rego.v1

deny contains {"msg": msg, "path": backend.path} if {
	some backend in input.facts.network.closedBackends
	msg := sprintf("no NetworkPolicy lets an ingress controller reach port %d of %s %s", [backend.port, backend.to.kind, backend.to.name])
}

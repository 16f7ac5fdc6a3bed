# METADATA
# title: Peers of NetworkPolicies select something
# description: >-
#   A peer that no Pod matches allows nothing, so the connection that it is there for is refused. Judged where all
#   namespaces that the peer could mean are known: its own, or those that it names by kubernetes.io/metadata.name.
# custom:
#   kinds: [NetworkPolicy]
#   help: Make the peer's selectors match the labels of the Pods (not of the Service) that are meant, or remove the peer.
package kubevet.network.peer_selects_nothing

import rego.v1

deny contains {"msg": "peer selects no workload", "path": path} if {
	some path in input.facts.network.policy.emptyPeers
}

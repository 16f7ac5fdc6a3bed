# METADATA
# title: NetworkPolicies allow nothing that nobody needs
# description: >-
#   The rule lets workloads talk whose configuration never names the Service of the other side: a way for an intruder and
#   none for the application. Only rules between workloads that are all here are judged, and configuration is all that
#   can be seen: an address that is built into an image is not.
# custom:
#   kinds: [NetworkPolicy]
#   help: Remove the rule, or let the connection be seen by naming the Service in the sender's configuration.
package kubevet.network.unneeded_rule

import rego.v1

deny contains {"msg": "allows connections that no configuration asks for", "path": path} if {
	some path in input.facts.network.policy.unneeded
}

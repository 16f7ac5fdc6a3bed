# METADATA
# title: NetworkPolicies can be taken into account
# description: >-
#   The API server refuses the policy, or another one of its namespace has the same name and takes its place. What it
#   allows is then not known, and every other rule on networks judges as if it were not there.
# custom:
#   scope: overlay
#   needs: [facts.network.invalid]
#   help: Correct the policy, or give it a name of its own.
#   examples:
#     good: |
#       apiVersion: networking.k8s.io/v1
#       kind: NetworkPolicy
#       metadata: {name: web}
#       spec:
#         podSelector: {}
#         ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]
#     bad: |
#       apiVersion: networking.k8s.io/v1
#       kind: NetworkPolicy
#       metadata: {name: web}
#       spec:
#         podSelector: {}
#         ingress: [{from: [{ipBlock: {cidr: 10.0.0.0}}]}]
package kubevet.network.invalid_policy

import rego.v1

deny contains {"msg": msg, "path": policy.path, "object": policy.object} if {
	some policy in input.facts.network.invalid
	msg := sprintf("%s; the policy is not taken into account", [policy.message])
}

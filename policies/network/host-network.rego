# METADATA
# title: NetworkPolicies do not count on Pods in the network of their node
# description: >-
#   A Pod with `hostNetwork: true` has the addresses of its node. Kubernetes does not say what a NetworkPolicy that selects
#   it means: most network plugins neither protect it nor let others reach it by its labels, so a rule that names it as a
#   peer lets nobody through.
# custom:
#   kinds: [NetworkPolicy]
#   needs: [facts.network.policy.hostNetwork]
#   help: >-
#     Name the addresses of the nodes with ipBlock, or take hostNetwork off the Pods.
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
#       spec: {template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: example/web:1}]}}}
#     bad: |
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
#           spec: {hostNetwork: true, containers: [{name: web, image: example/web:1}]}
package kubevet.network.host_network

import rego.v1

deny contains {"msg": msg, "path": path} if {
	path := input.facts.network.policy.hostNetwork[_]
	msg := sprintf("%s selects only Pods in the network of their node, on which a policy need not have an effect", [what(path)])
}

what(path) := "podSelector" if {
	path == ["spec", "podSelector"]
} else := "this peer"

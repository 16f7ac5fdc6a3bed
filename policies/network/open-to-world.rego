# METADATA
# title: No NetworkPolicy is open to the world
# description: >-
#   A rule without peers, or an ipBlock of 0.0.0.0/0 or ::/0 without exceptions, lets in whoever can route to the Pod, or
#   out to any address. For egress a rule that names its ports (443 to the internet, say) is a decision and passes; all
#   ports to everywhere is not.
# custom:
#   kinds: [NetworkPolicy]
#   needs: [facts.network.policy.world]
#   help: Name the peers by podSelector and namespaceSelector, or the addresses by a narrower ipBlock.
#   examples:
#     good: |
#       apiVersion: networking.k8s.io/v1
#       kind: NetworkPolicy
#       metadata: {name: web, namespace: shop}
#       spec:
#         podSelector: {matchLabels: {app: web}}
#         ingress:
#           - from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ingress}}}]
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
#         podSelector: {matchLabels: {app: web}}
#         ingress:
#           - ports: [{port: 80}]
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
package kubevet.network.open_to_world

import rego.v1

deny contains {"msg": "lets every address connect", "path": rule.path} if {
	some rule in input.facts.network.policy.world
	rule.direction == "ingress"
}

deny contains {"msg": "lets its Pods connect to every address on every port", "path": rule.path} if {
	some rule in input.facts.network.policy.world
	rule.direction == "egress"
	rule.allPorts
}

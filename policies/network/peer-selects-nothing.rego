# METADATA
# title: Peers of NetworkPolicies select something
# description: >-
#   A peer that no Pod matches allows nothing, so the connection that it is there for is refused. Judged where all
#   namespaces that the peer could mean are known: its own, or those that it names by kubernetes.io/metadata.name.
# custom:
#   kinds: [NetworkPolicy]
#   needs: [facts.network.policy.emptyPeers]
#   help: Make the peer's selectors match the labels of the Pods (not of the Service) that are meant, or remove the peer.
#   examples:
#     good: |
#       apiVersion: networking.k8s.io/v1
#       kind: NetworkPolicy
#       metadata: {name: db, namespace: shop}
#       spec:
#         podSelector: {matchLabels: {app: db}}
#         ingress:
#           - from: [{podSelector: {matchLabels: {app: web}}}]
#             ports: [{port: 5432}]
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
#       ---
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: db, namespace: shop}
#       spec:
#         template:
#           metadata: {labels: {app: db}}
#           spec:
#             containers:
#               - {name: db, image: example/db:1}
#     bad: |
#       apiVersion: networking.k8s.io/v1
#       kind: NetworkPolicy
#       metadata: {name: db, namespace: shop}
#       spec:
#         podSelector: {matchLabels: {app: db}}
#         ingress:
#           - from: [{podSelector: {matchLabels: {app: wbe}}}]
#             ports: [{port: 5432}]
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
#       ---
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: db, namespace: shop}
#       spec:
#         template:
#           metadata: {labels: {app: db}}
#           spec:
#             containers:
#               - {name: db, image: example/db:1}
package kubevet.network.peer_selects_nothing

import rego.v1

deny contains {"msg": "peer selects no workload", "path": path} if {
	some path in input.facts.network.policy.emptyPeers
}

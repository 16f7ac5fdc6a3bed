# METADATA
# title: NetworkPolicies allow nothing that nobody needs
# description: >-
#   The rule lets workloads talk whose configuration never names the Service of the other side: a way for an intruder and
#   none for the application. Only rules between workloads that are all here are judged, and configuration is all that
#   can be seen: an address that is built into an image is not.
# custom:
#   kinds: [NetworkPolicy]
#   needs: [facts.network.policy.unneeded]
#   help: Remove the rule, or let the connection be seen by naming the Service in the sender's configuration.
#   examples:
#     good: |
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web, namespace: shop}
#       spec:
#         template:
#           metadata: {labels: {app: web}}
#           spec:
#             containers:
#               - {name: web, image: example/web:1, env: [{name: DB_URL, value: 'postgresql://db/shop'}]}
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
#       ---
#       apiVersion: v1
#       kind: Service
#       metadata: {name: db, namespace: shop}
#       spec: {selector: {app: db}, ports: [{port: 5432}]}
#       ---
#       apiVersion: networking.k8s.io/v1
#       kind: NetworkPolicy
#       metadata: {name: db, namespace: shop}
#       spec:
#         podSelector: {matchLabels: {app: db}}
#         ingress:
#           - from: [{podSelector: {matchLabels: {app: web}}}]
#             ports: [{port: 5432}]
#     bad: |
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
#       ---
#       apiVersion: v1
#       kind: Service
#       metadata: {name: db, namespace: shop}
#       spec: {selector: {app: db}, ports: [{port: 5432}]}
#       ---
#       apiVersion: networking.k8s.io/v1
#       kind: NetworkPolicy
#       metadata: {name: db, namespace: shop}
#       spec:
#         podSelector: {matchLabels: {app: db}}
#         ingress:
#           - from: [{podSelector: {matchLabels: {app: web}}}]
#             ports: [{port: 5432}]
package kubevet.network.unneeded_rule

import rego.v1

deny contains {"msg": "allows connections that no configuration asks for", "path": path} if {
	some path in input.facts.network.policy.unneeded
}

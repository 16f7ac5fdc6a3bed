# METADATA
# title: Ingress controllers can reach the backends of Ingresses
# description: >-
#   An Ingress sends requests through a controller whose Pods run elsewhere. If the NetworkPolicies of the backend let in
#   Pods of its own namespace only, every request ends in a timeout.
# custom:
#   kinds: [Ingress]
#   needs: [facts.network.closedBackends]
#   help: >-
#     Allow ingress on the port of the Pods from the controller's namespace (namespaceSelector with
#     kubernetes.io/metadata.name) in a policy that selects the backend.
#   examples:
#     good: |
#       apiVersion: networking.k8s.io/v1
#       kind: Ingress
#       metadata: {name: web, namespace: shop}
#       spec:
#         defaultBackend:
#           service: {name: web, port: {number: 80}}
#       ---
#       apiVersion: v1
#       kind: Service
#       metadata: {name: web, namespace: shop}
#       spec: {selector: {app: web}, ports: [{port: 80}]}
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
#       apiVersion: networking.k8s.io/v1
#       kind: NetworkPolicy
#       metadata: {name: web, namespace: shop}
#       spec:
#         podSelector: {matchLabels: {app: web}}
#         ingress:
#           - from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ingress}}}]
#             ports: [{port: 80}]
#     bad: |
#       apiVersion: networking.k8s.io/v1
#       kind: Ingress
#       metadata: {name: web, namespace: shop}
#       spec:
#         defaultBackend:
#           service: {name: web, port: {number: 80}}
#       ---
#       apiVersion: v1
#       kind: Service
#       metadata: {name: web, namespace: shop}
#       spec: {selector: {app: web}, ports: [{port: 80}]}
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
#       apiVersion: networking.k8s.io/v1
#       kind: NetworkPolicy
#       metadata: {name: web, namespace: shop}
#       spec:
#         podSelector: {matchLabels: {app: web}}
#         ingress:
#           - from: [{podSelector: {}}]
package kubevet.network.ingress_backend

import rego.v1

deny contains {"msg": msg, "path": backend.path} if {
	some backend in input.facts.network.closedBackends
	msg := sprintf("no NetworkPolicy lets an ingress controller reach port %d of %s %s", [backend.port, backend.to.kind, backend.to.name])
}

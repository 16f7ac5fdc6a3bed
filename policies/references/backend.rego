# METADATA
# title: Backends of Ingresses and routes are Services that are there
# description: >-
#   An Ingress, or a route of the Gateway API, that sends requests to a Service or a port that does not exist answers them
#   with an error. The port is one of the Service, by its number or its name, not one of the Pods.
# custom:
#   kinds: [Ingress, HTTPRoute, GRPCRoute, TCPRoute, TLSRoute, UDPRoute]
#   needs: [facts.dangling]
#   fix: true
#   help: >-
#     Correct the name or the port, or add them to the Service.
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
#     bad: |
#       apiVersion: networking.k8s.io/v1
#       kind: Ingress
#       metadata: {name: web, namespace: shop}
#       spec:
#         defaultBackend:
#           service: {name: web, port: {number: 8080}}
#       ---
#       apiVersion: v1
#       kind: Service
#       metadata: {name: web, namespace: shop}
#       spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
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
package kubevet.references.backend

import data.kubevet.lib.reference
import rego.v1

deny contains reference.missing_object(dangling) if {
	some dangling in input.facts.dangling
	dangling.kind == "Service"
	not dangling.port
}

deny contains {"msg": msg, "path": dangling.path, "fix": reference.other_port(dangling)} if {
	some dangling in input.facts.dangling
	dangling.kind == "Service"
	text := sprintf("Service %s/%s has no port %s", [dangling.namespace, dangling.name, dangling.port])
	msg := concat("", [text, reference.did_you_mean(dangling)])
}

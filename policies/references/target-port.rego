# METADATA
# title: Named target ports are ports of the Pods
# description: >-
#   A Service that leads to a port by its name has no endpoints for it if no container of its Pods declares a
#   port of that name and protocol.
# custom:
#   kinds: [Service]
#   needs: [facts.dangling]
#   fix: true
#   help: >-
#     Name the container's port so, or use its number.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Service
#       metadata: {name: web, namespace: shop}
#       spec: {selector: {app: web}, ports: [{port: 80, targetPort: http}]}
#       ---
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web, namespace: shop}
#       spec:
#         template:
#           metadata: {labels: {app: web}}
#           spec:
#             containers:
#               - {name: web, image: example/web:1, ports: [{name: http, containerPort: 8080}]}
#     bad: |
#       apiVersion: v1
#       kind: Service
#       metadata: {name: web, namespace: shop}
#       spec: {selector: {app: web}, ports: [{port: 80, targetPort: http}]}
#       ---
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web, namespace: shop}
#       spec:
#         template:
#           metadata: {labels: {app: web}}
#           spec:
#             containers:
#               - {name: web, image: example/web:1, ports: [{containerPort: 8080}]}
package kubevet.references.target_port

import data.kubevet.lib.reference
import rego.v1

deny contains {"msg": msg, "path": dangling.path, "fix": reference.other_port(dangling)} if {
	some dangling in input.facts.dangling
	dangling.kind == "Pod"
	text := sprintf("no container of the selected Pods has a port named %q", [dangling.port])
	msg := concat("", [text, reference.did_you_mean(dangling)])
}

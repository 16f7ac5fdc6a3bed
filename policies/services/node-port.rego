# METADATA
# title: No Service opens a port on every node
# description: >-
#   A NodePort is reachable on every node's address, past the ingress controller with its TLS and its limits, and from
#   wherever nodes can be reached.
# custom:
#   kinds: [Service]
#   texts: [NodePort]
#   fix: true
#   help: >-
#     Use type ClusterIP, with an Ingress or a Gateway in front.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Service
#       metadata: {name: app}
#       spec: {type: ClusterIP, ports: [{port: 80}]}
#     bad: |
#       apiVersion: v1
#       kind: Service
#       metadata: {name: app}
#       spec: {type: NodePort, ports: [{port: 80}]}
package kubevet.services.node_port

import data.kubevet.lib.fix
import rego.v1

deny contains {"msg": "the Service opens a port on every node (type NodePort)", "path": ["spec", "type"], "fix": close} if {
	input.kind == "Service"
	input.apiVersion == "v1"
	input.spec.type == "NodePort"
}

close := fix.suggestion("open it inside of the cluster alone", array.concat(
	[{"set": ["spec", "type"], "value": "ClusterIP"}],
	array.slice([{"remove": ["spec", "ports", i, "nodePort"]} | input.spec.ports[i].nodePort], 0, fix.most_edits - 1),
))

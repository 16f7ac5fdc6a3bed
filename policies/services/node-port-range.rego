# METADATA
# title: A nodePort is in the range of the cluster
# description: >-
#   The API server refuses a nodePort outside of its range, but only when the Service is really made: a server-side dry
#   run lets it pass. The range is 30000-32767 unless the cluster was set up with another; the table's parameter
#   `nodePortRange` ([first, last]) says so.
# custom:
#   kinds: [Service]
#   keys: [nodePort]
#   parameters:
#     nodePortRange:
#       type: list
#       of: integer
#       default: [30000, 32767]
#       description: The first and the last port that the cluster gives to Services.
#   help: >-
#     Choose a port from the range, or leave nodePort out.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Service
#       metadata: {name: app}
#       spec: {type: NodePort, ports: [{port: 80, nodePort: 30080}]}
#     bad: |
#       apiVersion: v1
#       kind: Service
#       metadata: {name: app}
#       spec: {type: NodePort, ports: [{port: 80, nodePort: 8080}]}
package kubevet.services.node_port_range

import data.kubevet.lib.parameters
import rego.v1

deny contains {"msg": msg, "path": ["spec", "ports", i, "nodePort"]} if {
	input.kind == "Service"
	input.apiVersion == "v1"
	[first, last] := parameters.value("nodePortRange", [30000, 32767])
	port := input.spec.ports[i].nodePort
	is_number(port)
	port != 0
	outside(port, first, last)
	msg := sprintf("nodePort %v is not between %v and %v", [port, first, last])
}

outside(port, first, _) if port < first

outside(port, _, last) if port > last

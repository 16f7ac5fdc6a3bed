# METADATA
# title: No two Services ask for the same port of the nodes
# description: >-
#   A nodePort is there once in a cluster. The API server refuses the second Service that asks for it, so which of the two
#   works depends on the order in which they are applied.
# custom:
#   scope: overlay
#   kinds: [Service]
#   help: >-
#     Give one of them another nodePort, or none: the API server then chooses a free one.
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
#       spec: {type: NodePort, ports: [{port: 80, nodePort: 30080}]}
#       ---
#       apiVersion: v1
#       kind: Service
#       metadata: {name: other}
#       spec: {type: NodePort, ports: [{port: 80, nodePort: 30080}]}
package kubevet.services.node_port_twice

import data.kubevet.lib.overlay
import rego.v1

deny contains {"msg": msg, "path": second.path, "object": second.object, "related": related} if {
	some place, uses in ports
	some at in uses
	at != min(uses)
	first := asked[min(uses)]
	second := asked[at]
	msg := sprintf("nodePort %v is that of Service %s, too", [place[1], first.object.name])
	related := [{"object": first.object, "path": first.path, "note": "asks for the same port"}]
}

# Protocol and number -> the numbers of those who ask for it.
ports[place] contains at if {
	some at, entry in asked
	place := [entry.protocol, entry.port]
}

asked := [entry |
	some service in overlay.of_kind("", "Service")
	some i, port in service.spec.ports
	is_number(port.nodePort)
	port.nodePort != 0
	entry := {
		"object": overlay.identity(service),
		"path": ["spec", "ports", i, "nodePort"],
		"protocol": object.get(port, "protocol", "TCP"),
		"port": port.nodePort,
	}
]

# METADATA
# title: A probe names a port that its container has
# description: >-
#   The API server accepts a probe of a port name that no port of the container carries; the probe then fails every time,
#   so the container never becomes ready, or is restarted for ever.
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, PodTemplate, Job, CronJob]
#   keys: [httpGet, tcpSocket]
#   needs: [facts.suspect.probePort]
#   fix: true
#   help: >-
#     Name the port under the container's ports, or give the probe a number.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         containers: [{name: app, ports: [{name: http, containerPort: 80}], livenessProbe: {httpGet: {port: http}}}]
#     bad: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         containers: [{name: app, ports: [{name: web, containerPort: 80}], livenessProbe: {httpGet: {port: http}}}]
package kubevet.probes.port_name

import data.kubevet.lib.fix
import data.kubevet.lib.workload
import rego.v1

deny contains {"msg": msg, "path": path, "fix": fixes(entry, path, port)} if {
	some entry in workload.containers
	some name in ["livenessProbe", "readinessProbe", "startupProbe"]
	some handler in ["httpGet", "tcpSocket"]
	port := entry.container[name][handler].port
	is_string(port)
	not port in port_names(entry.container)
	path := array.concat(entry.path, [name, handler, "port"])
	msg := sprintf("the %s of %s asks port %q, which the container does not have", [name, entry.label, port])
}

port_names(container) := {name | name := container.ports[_].name}

# A container with one port can mean no other: what the probe asks is its name, or the name that it lacks.
fixes(entry, path, port) := [fix.safe("give the port the name that the probe asks", [edit])] if {
	has_one_port(entry.container)
	port_names(entry.container) == set()
	edit := {"set": array.concat(entry.path, ["ports", 0, "name"]), "value": port}
} else := [fix.safe_where(has_one_port(entry.container), sprintf("ask the port %q", [name]), [{"set": path, "value": name}]) |
	some name in array.slice(sort(port_names(entry.container)), 0, 8)
	is_string(name)
]

has_one_port(container) := count(object.get(container, "ports", [])) == 1

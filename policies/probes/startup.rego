# METADATA
# title: Slow starters have a startup probe that waits long enough
# description: >-
#   Liveness starts to count when the container does. If that takes longer than the liveness probe tolerates, the kubelet
#   kills the container before it ever served, again and again. A startup probe holds the other probes back until the
#   container is up. Two things make a container a slow starter here: the table's parameter `slowStarters` (container name:
#   seconds that a start may take), and a liveness probe whose initialDelaySeconds is 30 or more, which says the same, but
#   keeps a hang unnoticed for that long after every restart and still kills a start that takes longer.
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod]
#   keys: [livenessProbe, startupProbe]
#   parameters:
#     slowStarters:
#       type: map
#       of: number
#       default: {}
#       description: How many seconds a start may take, by the name of the container.
#   fix: true
#   help: >-
#     Add a startupProbe with failureThreshold × periodSeconds of at least the time that a start may take, and drop the
#     liveness probe's initialDelaySeconds.
#   examples:
#     good: |
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: api}
#       spec:
#         template:
#           spec:
#             containers:
#               - name: api
#                 startupProbe: {tcpSocket: {port: 8080}, periodSeconds: 5, failureThreshold: 30}
#                 livenessProbe: {tcpSocket: {port: 8080}}
#     bad: |
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: api}
#       spec:
#         template:
#           spec:
#             containers:
#               - name: api
#                 livenessProbe: {tcpSocket: {port: 8080}, initialDelaySeconds: 120}
package kubevet.probes.startup

import data.kubevet.lib.fix
import data.kubevet.lib.parameters
import data.kubevet.lib.probe
import data.kubevet.lib.workload
import rego.v1

slow_starters := parameters.value("slowStarters", {})

# Nothing kills a slow start where there is neither probe; probes/liveness asks for the one.
deny contains {"msg": msg, "path": path, "fix": fix.safe("wait with a startupProbe", edits)} if {
	some entry in workload.serving_containers
	needed := slow_starters[entry.container.name]
	not probe.defined(entry.container, "startupProbe")
	probe.defined(entry.container, "livenessProbe")
	probe.budget(entry.container.livenessProbe) < needed
	path := array.concat(entry.path, ["startupProbe"])
	edits := [{"set": path, "value": started(entry.container.livenessProbe, needed)}]
	msg := sprintf("%s may take %v s to start, but has no startupProbe and its livenessProbe gives up after %v s", [
		entry.label,
		needed,
		probe.budget(entry.container.livenessProbe),
	])
}

deny contains {"msg": msg, "path": path, "fix": fix.safe("let the startupProbe wait longer", edits)} if {
	some entry in workload.serving_containers
	needed := slow_starters[entry.container.name]
	probe.defined(entry.container, "startupProbe")
	probe.budget(entry.container.startupProbe) < needed
	path := array.concat(entry.path, ["startupProbe"])
	edits := [{"set": array.concat(path, ["failureThreshold"]), "value": failures(entry.container.startupProbe, needed)}]
	msg := sprintf("%s may take %v s to start, but its startupProbe gives up after %v s", [
		entry.label,
		needed,
		probe.budget(entry.container.startupProbe),
	])
}

deny contains {"msg": msg, "path": path, "fix": fix.safe("wait with a startupProbe instead", edits)} if {
	some entry in workload.serving_containers
	not slow_starters[entry.container.name]
	not probe.defined(entry.container, "startupProbe")
	probe.defined(entry.container, "livenessProbe")
	entry.container.livenessProbe.initialDelaySeconds >= 30
	is_number(entry.container.livenessProbe.initialDelaySeconds)
	path := array.concat(entry.path, ["startupProbe"])
	edits := [
		{"set": path, "value": started(entry.container.livenessProbe, probe.budget(entry.container.livenessProbe))},
		{"remove": array.concat(entry.path, ["livenessProbe", "initialDelaySeconds"])},
	]
	msg := sprintf("%s starts slowly (its livenessProbe waits %v s first), but has no startupProbe", [
		entry.label,
		entry.container.livenessProbe.initialDelaySeconds,
	])
}

# The check of a livenessProbe, which waits for as long as the start may take.
started(liveness, seconds) := probe.like(liveness, ceil(seconds / probe.setting(liveness, "periodSeconds")))

failures(startup, seconds) := ceil((seconds - probe.setting(startup, "initialDelaySeconds")) / probe.setting(startup, "periodSeconds"))

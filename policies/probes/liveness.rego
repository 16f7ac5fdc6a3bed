# METADATA
# title: Every long-running container has a liveness probe
# description: >-
#   Without a liveness probe the kubelet restarts a container only when its process ends. One that hangs (a deadlock, a
#   lost event loop) keeps its place and its share of the traffic until a person notices. Native sidecars count: they run
#   as long as the Pod. Jobs, CronJobs, Pods that may complete and plain init containers end by themselves, so nothing is
#   asked of them.
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod]
#   needs: [facts.suspect.livenessProbe]
#   fix: true
#   help: >-
#     Add a livenessProbe that only asks whether the process itself still works (a TCP connect or a path without
#     dependencies), in the base or in this environment's patch.
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
#                 readinessProbe: {httpGet: {path: /ready, port: 8080}}
package kubevet.probes.liveness

import data.kubevet.lib.fix
import data.kubevet.lib.probe
import data.kubevet.lib.workload
import rego.v1

deny contains {"msg": msg, "path": path, "fix": fixes(entry.container, path)} if {
	some entry in workload.serving_containers
	not probe.defined(entry.container, "livenessProbe")
	path := array.concat(entry.path, ["livenessProbe"])
	msg := sprintf("%s has no livenessProbe", [entry.label])
}

# What asks no port, a command, tells whether the container is ready: it may fail for three times as long before the
# container is restarted for it.
fixes(container, path) := [fix.suggestion("ask with more patience what its readinessProbe asks", [{"set": path, "value": patient}])] if {
	probe.ports(container) == []
	probe.defined(container, "readinessProbe")
	ready := container.readinessProbe
	patient := probe.like(ready, 3 * probe.setting(ready, "failureThreshold"))
} else := [fix.suggestion("ask whether its port takes connections", [{"set": path, "value": probe.connect(container)}])]

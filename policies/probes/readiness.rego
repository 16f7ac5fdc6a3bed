# METADATA
# title: Every long-running container has a readiness probe
# description: >-
#   A Pod without a readiness probe counts as ready as soon as its process has started. Services send it traffic before it
#   can answer, a rollout replaces the old Pods before the new ones work, and a PodDisruptionBudget counts it as healthy.
#   Native sidecars count, since the Pod is ready only when they are. Jobs, CronJobs, Pods that may complete and plain init
#   containers take no traffic, so nothing is asked of them.
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod]
#   needs: [facts.suspect.readinessProbe]
#   fix: true
#   help: >-
#     Add a readinessProbe that succeeds only when the container can do its work, in the base or in this environment's
#     patch.
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
#                 readinessProbe: {httpGet: {path: /ready, port: 8080}}
#     bad: |
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: api}
#       spec:
#         template:
#           spec:
#             containers:
#               - name: api
#                 livenessProbe: {tcpSocket: {port: 8080}}
package kubevet.probes.readiness

import data.kubevet.lib.fix
import data.kubevet.lib.probe
import data.kubevet.lib.workload
import rego.v1

deny contains {"msg": msg, "path": path, "fix": fixes(entry.container, path)} if {
	some entry in workload.serving_containers
	not probe.defined(entry.container, "readinessProbe")
	path := array.concat(entry.path, ["readinessProbe"])
	msg := sprintf("%s has no readinessProbe", [entry.label])
}

# With less patience: a container that is restarted as soon as it is not ready is probes/same-check's.
fixes(container, path) := [fix.suggestion("ask with less patience what its livenessProbe asks", [{"set": path, "value": impatient}])] if {
	probe.defined(container, "livenessProbe")
	failures := probe.setting(container.livenessProbe, "failureThreshold")
	failures > 1
	impatient := probe.like(container.livenessProbe, failures - 1)
} else := [
	fix.suggestion("ask whether its port takes connections", [{"set": path, "value": probe.connect(container)}]),
	fix.suggestion("ask a path that answers once it can serve", [{"set": path, "value": {"httpGet": {
		"path": fix.choice("a path that answers once it can serve"),
		"port": probe.port(container),
	}}}]),
]

# METADATA
# title: A probe is over before the next one is due
# description: >-
#   The kubelet runs a probe only after the one before has ended. With timeoutSeconds above periodSeconds a hanging
#   application is asked less often than periodSeconds says, and it takes longer to be noticed than failureThreshold ×
#   periodSeconds. A startup probe may well ask often and wait long, so it passes.
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, PodTemplate, Job, CronJob]
#   keys: [timeoutSeconds, periodSeconds]
#   needs: [facts.suspect.probeTimeout]
#   fix: true
#   help: >-
#     Set timeoutSeconds to periodSeconds or less.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         containers: [{name: app, livenessProbe: {tcpSocket: {port: 80}, periodSeconds: 10, timeoutSeconds: 5}}]
#     bad: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         containers: [{name: app, livenessProbe: {tcpSocket: {port: 80}, periodSeconds: 5, timeoutSeconds: 30}}]
package kubevet.probes.timeout_over_period

import data.kubevet.lib.fix
import data.kubevet.lib.probe
import data.kubevet.lib.workload
import rego.v1

deny contains {"msg": msg, "path": path, "fix": fixes} if {
	some entry in workload.containers
	some name in ["livenessProbe", "readinessProbe"]
	check := entry.container[name]
	is_object(check)
	timeout := probe.setting(check, "timeoutSeconds")
	period := probe.setting(check, "periodSeconds")
	timeout > period
	path := array.concat(entry.path, [name, "timeoutSeconds"])
	fixes := [
		fix.safe("ask as seldom as the answer may take", [{"set": array.concat(entry.path, [name, "periodSeconds"]), "value": timeout}]),
		fix.suggestion("wait no longer than until the next", [{"set": path, "value": period}]),
	]
	msg := sprintf("the %s of %s may take %v s, but the next is due after %v s", [name, entry.label, timeout, period])
}

# METADATA
# title: A probe that runs a command says how long it may take
# description: >-
#   A probe without timeoutSeconds has one second. A command has to start a process, often an interpreter, in a container
#   that may be short of CPU at that very moment: under load it takes longer, and the kubelet restarts a container that
#   was only busy.
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, PodTemplate, Job, CronJob]
#   keys: [exec]
#   fix: true
#   help: >-
#     Set timeoutSeconds on the probe.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         containers: [{name: db, livenessProbe: {exec: {command: [pg_isready]}, timeoutSeconds: 5}}]
#     bad: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         containers: [{name: db, livenessProbe: {exec: {command: [pg_isready]}}}]
package kubevet.probes.exec_timeout

import data.kubevet.lib.fix
import data.kubevet.lib.probe
import data.kubevet.lib.workload
import rego.v1

deny contains {"msg": msg, "path": path, "fix": wait} if {
	some entry in workload.containers
	some name in ["livenessProbe", "readinessProbe", "startupProbe"]
	entry.container[name].exec != null
	not has_timeout(entry.container[name])
	path := array.concat(entry.path, [name, "timeoutSeconds"])
	seconds := min([5, probe.setting(entry.container[name], "periodSeconds")])
	wait := fix.suggestion(sprintf("let the command take %v s", [seconds]), [{"set": path, "value": seconds}])
	msg := sprintf("the %s of %s runs a command, but has no timeoutSeconds (1 s by default)", [name, entry.label])
}

has_timeout(probe) if is_number(probe.timeoutSeconds)

# METADATA
# title: No Windows container runs as a process of its node
# description: >-
#   A HostProcess container runs on the Windows node itself, outside of any isolation. Part of the Pod Security Standard
#   "baseline".
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, PodTemplate, Job, CronJob]
#   keys: [hostProcess]
#   fix: true
#   help: >-
#     Remove windowsOptions.hostProcess.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         containers: [{name: app}]
#     bad: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         hostNetwork: true
#         securityContext: {windowsOptions: {hostProcess: true}}
package kubevet.pod_security.baseline_host_process

import data.kubevet.lib.fix
import data.kubevet.lib.security
import rego.v1

deny contains {"msg": msg, "path": path, "fix": fix.suggestion("run in a container", [{"remove": path}])} if {
	some entry in security.contexts
	entry.context.windowsOptions.hostProcess == true
	path := array.concat(entry.path, ["windowsOptions", "hostProcess"])
	msg := sprintf("%s runs as a process of its node (hostProcess)", [entry.label])
}

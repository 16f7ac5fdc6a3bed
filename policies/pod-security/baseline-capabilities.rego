# METADATA
# title: No container adds a capability beyond the default set
# description: >-
#   Capabilities such as SYS_ADMIN, NET_ADMIN or NET_RAW open ways out of the container or into its neighbours' traffic.
#   Only those that container runtimes give by default may be added. Part of the Pod Security Standard "baseline".
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, PodTemplate, Job, CronJob]
#   keys: [add]
#   fix: true
#   help: >-
#     Remove the capability from securityContext.capabilities.add.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         containers: [{name: app, securityContext: {capabilities: {add: [NET_BIND_SERVICE]}}}]
#     bad: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         containers: [{name: app, securityContext: {capabilities: {add: [SYS_ADMIN]}}}]
package kubevet.pod_security.baseline_capabilities

import data.kubevet.lib.fix
import data.kubevet.lib.security
import data.kubevet.lib.workload
import rego.v1

allowed := {
	"AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP", "SETGID",
	"SETPCAP", "SETUID", "SYS_CHROOT",
}

deny contains {"msg": msg, "path": path, "fix": fix.suggestion("run without the capability", [{"remove": path}])} if {
	some entry in workload.containers
	capability := entry.container.securityContext.capabilities.add[i]
	not capability in allowed
	path := security.setting_path(entry, ["capabilities", "add", i])
	msg := sprintf("%s adds the capability %v", [entry.label, capability])
}

# METADATA
# title: No container sees all of /proc, not even in a user namespace
# description: >-
#   Since 1.35 baseline lets a Pod in a user namespace (hostUsers: false) unmask /proc; restricted does not. Part of the
#   Pod Security Standard "restricted", which includes baseline.
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, PodTemplate, Job, CronJob]
#   keys: [procMount]
#   fix: true
#   help: >-
#     Remove procMount.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         hostUsers: false
#         containers: [{name: app}]
#     bad: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         hostUsers: false
#         containers: [{name: app, securityContext: {procMount: Unmasked}}]
package kubevet.pod_security.restricted_proc_mount

import data.kubevet.lib.fix
import data.kubevet.lib.security
import data.kubevet.lib.workload
import rego.v1

# Other Pods are pod-security/baseline-proc-mount's.
deny contains {"msg": msg, "path": path, "fix": fix.suggestion("mount /proc as usual", [{"remove": path}])} if {
	security.user_namespace
	some entry in workload.containers
	mount := entry.container.securityContext.procMount
	mount != null
	mount != "Default"
	path := security.setting_path(entry, ["procMount"])
	msg := sprintf("%s has procMount: %v", [entry.label, mount])
}

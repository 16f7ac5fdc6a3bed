# METADATA
# title: No container sees all of /proc
# description: >-
#   procMount: Unmasked shows a container the parts of /proc that the runtime hides, among them ways to reconfigure the
#   kernel. Part of the Pod Security Standard "baseline". A Pod in a user namespace (hostUsers: false) may since 1.35.
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
#         containers: [{name: app, securityContext: {procMount: Default}}]
#     bad: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         containers: [{name: app, securityContext: {procMount: Unmasked}}]
package kubevet.pod_security.baseline_proc_mount

import data.kubevet.lib.fix
import data.kubevet.lib.security
import data.kubevet.lib.workload
import rego.v1

deny contains {"msg": msg, "path": path, "fix": fix.suggestion("mount /proc as usual", [{"remove": path}])} if {
	not security.user_namespace
	some entry in workload.containers
	mount := entry.container.securityContext.procMount
	mount != null
	mount != "Default"
	path := security.setting_path(entry, ["procMount"])
	msg := sprintf("%s has procMount: %v", [entry.label, mount])
}

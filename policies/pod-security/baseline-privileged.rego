# METADATA
# title: No container is privileged
# description: >-
#   A privileged container has every capability and every device of its node: whoever takes it over has the node. Part of
#   the Pod Security Standard "baseline".
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, PodTemplate, Job, CronJob]
#   keys: [privileged]
#   fix: true
#   help: >-
#     Remove privileged: true and add the single capabilities or devices that the container needs.
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
#         containers: [{name: app, securityContext: {privileged: true}}]
package kubevet.pod_security.baseline_privileged

import data.kubevet.lib.fix
import data.kubevet.lib.security
import data.kubevet.lib.workload
import rego.v1

deny contains {"msg": msg, "path": path, "fix": fix.suggestion("run without privileges", [{"remove": path}])} if {
	some entry in workload.containers
	entry.container.securityContext.privileged == true
	path := security.setting_path(entry, ["privileged"])
	msg := sprintf("%s is privileged", [entry.label])
}

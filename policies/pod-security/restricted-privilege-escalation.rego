# METADATA
# title: No process can gain privileges
# description: >-
#   Without allowPrivilegeEscalation: false a setuid program in the image can make a process root again. Part of the Pod
#   Security Standard "restricted", which includes baseline. Windows Pods are exempt.
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, PodTemplate, Job, CronJob]
#   needs: [facts.suspect.privilegeEscalation]
#   fix: true
#   help: >-
#     Set securityContext.allowPrivilegeEscalation: false on the container.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         containers: [{name: app, securityContext: {allowPrivilegeEscalation: false}}]
#     bad: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         containers: [{name: app}]
package kubevet.pod_security.restricted_privilege_escalation

import data.kubevet.lib.fix
import data.kubevet.lib.security
import data.kubevet.lib.security.windows
import data.kubevet.lib.workload
import rego.v1

deny contains {"msg": msg, "path": path, "fix": fixes(entry.container, path)} if {
	not windows
	some entry in workload.containers
	not forbidden(entry.container)
	path := security.setting_path(entry, ["allowPrivilegeEscalation"])
	msg := sprintf("%s does not set allowPrivilegeEscalation: false", [entry.label])
}

forbidden(container) if container.securityContext.allowPrivilegeEscalation == false

# The API server takes it of no container that is privileged, which is pod-security/baseline-privileged's.
fixes(container, path) := [] if {
	container.securityContext.privileged == true
} else := [fix.suggestion("forbid that privileges grow", [{"set": path, "value": false}])]

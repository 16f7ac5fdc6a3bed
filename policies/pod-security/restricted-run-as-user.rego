# METADATA
# title: No container sets the root user
# description: >-
#   runAsUser: 0 is root, whatever the image says. Part of the Pod Security Standard "restricted", which includes
#   baseline. Pods in a user namespace (hostUsers: false) are exempt since 1.35.
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, PodTemplate, Job, CronJob]
#   keys: [runAsUser]
#   needs: [facts.suspect.runAsUser]
#   fix: true
#   help: >-
#     Set runAsUser to another number than 0, or leave it to the image.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         securityContext: {runAsUser: 10001}
#     bad: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         securityContext: {runAsUser: 0}
package kubevet.pod_security.restricted_run_as_user

import data.kubevet.lib.fix
import data.kubevet.lib.security
import rego.v1

deny contains {"msg": msg, "path": path, "fix": fix.suggestion("run as another user than root", [{"set": path, "value": fix.choice("the number of another user, such as 1000")}])} if {
	not security.user_namespace
	some entry in security.contexts
	entry.context.runAsUser == 0
	path := array.concat(entry.path, ["runAsUser"])
	msg := sprintf("%s has runAsUser: 0", [entry.label])
}

# METADATA
# title: Seccomp is not switched off
# description: >-
#   The seccomp profile Unconfined gives a container all system calls, those included that container escapes have used.
#   Part of the Pod Security Standard "baseline".
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, PodTemplate, Job, CronJob]
#   keys: [seccompProfile]
#   needs: [facts.suspect.seccompProfile]
#   fix: true
#   help: >-
#     Set seccompProfile.type to RuntimeDefault (or Localhost with a profile of your own).
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         securityContext: {seccompProfile: {type: RuntimeDefault}}
#     bad: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         securityContext: {seccompProfile: {type: Unconfined}}
package kubevet.pod_security.baseline_seccomp

import data.kubevet.lib.fix
import data.kubevet.lib.security
import rego.v1

deny contains {"msg": msg, "path": path, "fix": fix.suggestion("run with the default profile", [{"set": path, "value": "RuntimeDefault"}])} if {
	some entry in security.contexts
	type := entry.context.seccompProfile.type
	not type in {"Localhost", "RuntimeDefault"}
	path := array.concat(entry.path, ["seccompProfile", "type"])
	msg := sprintf("%s has the seccomp profile %v", [entry.label, type])
}

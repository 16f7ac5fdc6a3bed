# METADATA
# title: Every container has a seccomp profile
# description: >-
#   Where nothing is set, the kubelet runs containers without any seccomp filter unless it was configured otherwise. A
#   profile of the Pod counts for the containers that have none of their own. Part of the Pod Security Standard
#   "restricted", which includes baseline. Windows Pods are exempt.
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, PodTemplate, Job, CronJob]
#   needs: [facts.suspect.seccompProfile]
#   fix: true
#   help: >-
#     Set seccompProfile: {type: RuntimeDefault} in the Pod's securityContext.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         securityContext: {seccompProfile: {type: RuntimeDefault}}
#         containers: [{name: app}]
#     bad: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         containers: [{name: app}]
package kubevet.pod_security.restricted_seccomp

import data.kubevet.lib.fix
import data.kubevet.lib.security
import data.kubevet.lib.security.windows
import data.kubevet.lib.workload
import rego.v1

# A profile that is not allowed is pod-security/baseline-seccomp's.
deny contains {"msg": msg, "path": path, "fix": fixes(path)} if {
	not windows
	not has_profile(workload.spec)
	some entry in workload.containers
	not has_profile(entry.container)
	path := security.setting_path(entry, ["seccompProfile"])
	msg := sprintf("%s has no seccompProfile, nor has the Pod", [entry.label])
}

has_profile(holder) if is_string(holder.securityContext.seccompProfile.type)

fixes(path) := [
	fix.suggestion("run the whole Pod with the default profile", [{"set": of_pod, "value": default_profile}]),
	fix.suggestion("run with the default profile", [{"set": path, "value": default_profile}]),
]

of_pod := array.concat(workload.spec_path, ["securityContext", "seccompProfile"])

default_profile := {"type": "RuntimeDefault"}

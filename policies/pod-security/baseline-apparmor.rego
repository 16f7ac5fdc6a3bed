# METADATA
# title: No AppArmor profile is switched off
# description: >-
#   Without AppArmor's default profile a container may write where the runtime would stop it. The field and the older
#   annotation container.apparmor.security.beta.kubernetes.io/NAME both count. Part of the Pod Security Standard
#   "baseline".
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, PodTemplate, Job, CronJob]
#   keys: [appArmorProfile, annotations]
#   fix: true
#   help: >-
#     Remove the profile (the runtime's default applies), or set RuntimeDefault or Localhost.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         securityContext: {appArmorProfile: {type: RuntimeDefault}}
#     bad: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         securityContext: {appArmorProfile: {type: Unconfined}}
package kubevet.pod_security.baseline_apparmor

import data.kubevet.lib.fix
import data.kubevet.lib.security
import data.kubevet.lib.workload
import rego.v1

deny contains {"msg": msg, "path": path, "fix": fix.suggestion("run with the default profile", [{"set": path, "value": "RuntimeDefault"}])} if {
	some entry in security.contexts
	type := entry.context.appArmorProfile.type
	not type in {"Localhost", "RuntimeDefault"}
	path := array.concat(entry.path, ["appArmorProfile", "type"])
	msg := sprintf("%s has the AppArmor profile %v", [entry.label, type])
}

deny contains {"msg": msg, "path": path, "fix": fix.suggestion("run with the default profile", [{"set": path, "value": "runtime/default"}])} if {
	profile := workload.pod.metadata.annotations[key]
	startswith(key, prefix)
	not allowed(profile)
	path := array.concat(workload.pod_path, ["metadata", "annotations", key])
	msg := sprintf("container %q has the AppArmor profile %v", [trim_prefix(key, prefix), profile])
}

prefix := "container.apparmor.security.beta.kubernetes.io/"

allowed(profile) if profile in {"", "runtime/default"}

allowed(profile) if startswith(profile, "localhost/")

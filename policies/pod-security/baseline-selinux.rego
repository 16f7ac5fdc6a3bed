# METADATA
# title: No SELinux user, role or foreign type is set
# description: >-
#   A custom SELinux user or role, or a type that is not made for containers, takes the container out of the confinement
#   that SELinux gives it. Part of the Pod Security Standard "baseline". container_engine_t is allowed since 1.31.
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, PodTemplate, Job, CronJob]
#   keys: [seLinuxOptions]
#   fix: true
#   help: >-
#     Remove seLinuxOptions.user and role, and use one of the container types.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         securityContext: {seLinuxOptions: {type: container_t}}
#     bad: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         securityContext: {seLinuxOptions: {type: unconfined_t}}
package kubevet.pod_security.baseline_selinux

import data.kubevet.lib.fix
import data.kubevet.lib.parameters
import data.kubevet.lib.security
import rego.v1

types := {"", "container_init_t", "container_kvm_t", "container_t"} | newer_types

newer_types contains "container_engine_t" if parameters.at_least(31)

deny contains {"msg": msg, "path": path, "fix": fix.suggestion("run with the type that the node gives", [{"remove": path}])} if {
	some entry in security.contexts
	type := entry.context.seLinuxOptions.type
	not type in types
	path := array.concat(entry.path, ["seLinuxOptions", "type"])
	msg := sprintf("%s has the SELinux type %v", [entry.label, type])
}

deny contains {"msg": msg, "path": path, "fix": fix.suggestion(sprintf("run with the %s that the node gives", [field]), [{"remove": path}])} if {
	some entry in security.contexts
	some field in ["role", "user"]
	value := entry.context.seLinuxOptions[field]
	value != ""
	value != null
	path := array.concat(entry.path, ["seLinuxOptions", field])
	msg := sprintf("%s sets the SELinux %s", [entry.label, field])
}

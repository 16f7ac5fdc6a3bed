# METADATA
# title: No init container waits forever
# description: >-
#   An init container that loops until something answers (`until nc -z db 5432; do sleep 1; done`) never fails: the Pod
#   stays in Init, no alert on restarts fires, and a rollout hangs until somebody looks. With a limit it fails and the
#   reason is in its status.
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, PodTemplate, Job, CronJob]
#   keys: [initContainers]
#   texts: [until, while]
#   help: >-
#     Give up after a number of tries (`for i in $(seq 60); do … && exit 0; sleep 1; done; exit 1`), use `timeout`, or
#     let the application retry.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         initContainers: [{name: wait, command: [sh, -c, "timeout 60 sh -c 'until nc -z db 5432; do sleep 1; done'"]}]
#     bad: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         initContainers: [{name: wait, command: [sh, -c, "until nc -z db 5432; do sleep 1; done"]}]
package kubevet.availability.unbounded_wait

import data.kubevet.lib.workload
import rego.v1

deny contains {"msg": msg, "path": array.concat(entry.path, [field, i])} if {
	not limited
	some entry in workload.containers
	entry.type == "init container"
	some field in ["command", "args"]
	script := entry.container[field][i]
	is_string(script)
	regex.match(`(^|[ \t\n;&|(])(until|while)[ \t][^\n]*`, script)
	regex.match(`(^|[ \t\n;&|(])sleep[ \t]`, script)
	not regex.match(`timeout|deadline|SECONDS|exit [1-9]|-(gt|ge|lt|le)[ \t]|seq[ \t]|retr|attempt|tries|count|break`, script)
	msg := sprintf("%s may wait forever", [entry.label])
}

# A Job's deadline ends its init containers as well.
limited if is_number(input.spec.activeDeadlineSeconds)

limited if is_number(workload.spec.activeDeadlineSeconds)

limited if is_number(input.spec.jobTemplate.spec.activeDeadlineSeconds)

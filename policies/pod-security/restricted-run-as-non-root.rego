# METADATA
# title: Containers run as a user other than root
# description: >-
#   With runAsNonRoot: true the kubelet refuses to start a container whose image would run as root, and root in a
#   container is one kernel bug away from root on the node. A setting of the Pod counts for the containers that have none
#   of their own; a `false` counts against the Pod wherever it stands. Part of the Pod Security Standard "restricted",
#   which includes baseline. Pods in a user namespace (hostUsers: false) are exempt since 1.35.
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, PodTemplate, Job, CronJob]
#   needs: [facts.suspect.runAsNonRoot]
#   fix: true
#   help: >-
#     Set runAsNonRoot: true in the Pod's securityContext, and a numeric runAsUser if the image names its user.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         securityContext: {runAsNonRoot: true}
#         containers: [{name: app}]
#     bad: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         containers: [{name: app}]
package kubevet.pod_security.restricted_run_as_non_root

import data.kubevet.lib.fix
import data.kubevet.lib.security
import data.kubevet.lib.workload
import rego.v1

deny contains {"msg": msg, "path": path, "fix": fix.suggestion("run as another user than root", [{"set": path, "value": true}])} if {
	not security.user_namespace
	workload.spec.securityContext.runAsNonRoot == false
	path := array.concat(workload.spec_path, ["securityContext", "runAsNonRoot"])
	msg := "the Pod has runAsNonRoot: false"
}

deny contains {"msg": msg, "path": path, "fix": refuse_root(entry.container, path)} if {
	not security.user_namespace
	some entry in workload.containers
	entry.container.securityContext.runAsNonRoot == false
	path := security.setting_path(entry, ["runAsNonRoot"])
	msg := sprintf("%s has runAsNonRoot: false", [entry.label])
}

deny contains {"msg": msg, "path": path, "fix": array.concat(of_pod, [refuse_root(entry.container, path)])} if {
	not security.user_namespace
	not set_by_pod
	some entry in workload.containers
	not set_by_container(entry.container)
	path := security.setting_path(entry, ["runAsNonRoot"])
	msg := sprintf("%s has no runAsNonRoot: true, nor has the Pod", [entry.label])
}

set_by_pod if is_boolean(workload.spec.securityContext.runAsNonRoot)

set_by_container(container) if is_boolean(container.securityContext.runAsNonRoot)

# What has the number of another user is not root already.
refuse_root(container, path) := fix.safe_where(is_user(container), "refuse to run as root", [{"set": path, "value": true}])

roots := [entry.label | some entry in workload.containers; security.user(entry.container, workload.spec) == 0]

is_user(container) if {
	security.runs_as_user(container, workload.spec)
} else := false

# Once for all containers, unless one of them is root on purpose.
of_pod := [fix.safe_where(each_is_user, "refuse to run as root in the whole Pod", [edit])] if {
	roots == []
	edit := {"set": array.concat(workload.spec_path, ["securityContext", "runAsNonRoot"]), "value": true}
} else := []

each_is_user if {
	every entry in workload.containers {
		security.runs_as_user(entry.container, workload.spec)
	}
} else := false

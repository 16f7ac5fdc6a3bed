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

import data.kubevet.lib.security
import data.kubevet.lib.workload
import rego.v1

deny contains {"msg": msg, "path": path} if {
	not security.user_namespace
	workload.spec.securityContext.runAsNonRoot == false
	path := array.concat(workload.spec_path, ["securityContext", "runAsNonRoot"])
	msg := "the Pod has runAsNonRoot: false"
}

deny contains {"msg": msg, "path": path} if {
	not security.user_namespace
	some entry in workload.containers
	entry.container.securityContext.runAsNonRoot == false
	path := security.setting_path(entry, ["runAsNonRoot"])
	msg := sprintf("%s has runAsNonRoot: false", [entry.label])
}

deny contains {"msg": msg, "path": path} if {
	not security.user_namespace
	not set_by_pod
	some entry in workload.containers
	not set_by_container(entry.container)
	path := security.setting_path(entry, ["runAsNonRoot"])
	msg := sprintf("%s has no runAsNonRoot: true, nor has the Pod", [entry.label])
}

set_by_pod if is_boolean(workload.spec.securityContext.runAsNonRoot)

set_by_container(container) if is_boolean(container.securityContext.runAsNonRoot)

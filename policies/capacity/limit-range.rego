# METADATA
# title: Requests and limits are within the LimitRange
# description: >-
#   The API server refuses Pods and claims that are out of the bounds of a LimitRange in their namespace. A
#   Deployment is accepted all the same and then has no Pods.
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, Job, CronJob, PersistentVolumeClaim]
#   help: >-
#     Change the amount, or the bound in the LimitRange.
package kubevet.capacity.limit_range

import rego.v1

deny contains {"msg": msg, "path": amount.path, "related": [range]} if {
	some amount in input.facts.capacity.refused
	msg := sprintf("%s of %s is %s, but the LimitRange's %s is %s", [field(amount), amount.resource, amount.amount, amount.bound, amount.limit])
	range := {"object": amount.range, "path": ["spec", "limits"], "note": "bounds it"}
}

field(amount) := "limit" if {
	"limits" in amount.path
} else := "request"

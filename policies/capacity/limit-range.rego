# METADATA
# title: Requests and limits are within the LimitRange
# description: >-
#   The API server refuses Pods and claims that are out of the bounds of a LimitRange in their namespace. A
#   Deployment is accepted all the same and then has no Pods.
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, Job, CronJob, PersistentVolumeClaim]
#   needs: [facts.capacity.refused]
#   help: >-
#     Change the amount, or the bound in the LimitRange.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: LimitRange
#       metadata: {name: shop, namespace: shop}
#       spec: {limits: [{type: Container, max: {cpu: 2}}]}
#       ---
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web, namespace: shop}
#       spec:
#         replicas: 1
#         template:
#           metadata: {labels: {app: web}}
#           spec: {containers: [{name: web, image: example/web:1, resources: {limits: {cpu: 1, memory: 1Gi}}}]}
#     bad: |
#       apiVersion: v1
#       kind: LimitRange
#       metadata: {name: shop, namespace: shop}
#       spec: {limits: [{type: Container, max: {cpu: 500m}}]}
#       ---
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web, namespace: shop}
#       spec:
#         replicas: 1
#         template:
#           metadata: {labels: {app: web}}
#           spec: {containers: [{name: web, image: example/web:1, resources: {limits: {cpu: 1, memory: 1Gi}}}]}
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

# METADATA
# title: The ResourceQuota has room for rollouts, autoscaling and Jobs
# description: >-
#   In the steady state everything fits, but not at the peak: every HorizontalPodAutoscaler at its maximum, every
#   Deployment rolled out while its old Pods use their whole grace period (a quota counts them until then), and
#   all Jobs and CronJobs running. Then a rollout stalls, an autoscaler gets nothing, or a StatefulSet's Pod that
#   was only restarted does not come back, just when it matters.
# custom:
#   kinds: [ResourceQuota]
#   needs: [facts.capacity.quota]
#   help: >-
#     Raise the limit to the peak, or lower maxReplicas or the requests of those who take most.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: ResourceQuota
#       metadata: {name: shop, namespace: shop}
#       spec: {hard: {pods: 6}}
#       ---
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web, namespace: shop}
#       spec:
#         replicas: 3
#         template:
#           metadata: {labels: {app: web}}
#           spec: {containers: [{name: web, image: example/web:1, resources: {limits: {cpu: 1, memory: 1Gi}}}]}
#     bad: |
#       apiVersion: v1
#       kind: ResourceQuota
#       metadata: {name: shop, namespace: shop}
#       spec: {hard: {pods: 3}}
#       ---
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web, namespace: shop}
#       spec:
#         replicas: 3
#         template:
#           metadata: {labels: {app: web}}
#           spec: {containers: [{name: web, image: example/web:1, resources: {limits: {cpu: 1, memory: 1Gi}}}]}
package kubevet.capacity.quota_peak

import rego.v1

deny contains {"msg": msg, "path": limit.path} if {
	some limit in input.facts.capacity.quota
	limit.exceededAtPeak
	not limit.exceeded
	text := sprintf("%s is %s, but rollouts, autoscalers and Jobs may ask for %s; the most by %s", [
		limit.resource,
		limit.hard,
		limit.peak,
		concat(", ", limit.greatest),
	])
	msg := concat("", [text, uncounted(limit)])
}

uncounted(limit) := sprintf(" (one Pod each is counted for %s)", [concat(", ", limit.uncounted)]) if {
	count(limit.uncounted) > 0
} else := ""

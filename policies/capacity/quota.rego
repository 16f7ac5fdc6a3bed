# METADATA
# title: The ResourceQuota has room for what is deployed
# description: >-
#   The replicas of all workloads of the namespace, with what admission fills in from LimitRanges and with the
#   Pods that operators make, ask for more than the quota has. The last Pods are then never made, and nobody is
#   told but the events. A DaemonSet counts as one Pod, as the number of nodes is not known.
# custom:
#   kinds: [ResourceQuota]
#   needs: [facts.capacity.quota]
#   help: >-
#     Raise the limit, or lower the replicas, requests or limits of those who take most.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: ResourceQuota
#       metadata: {name: shop, namespace: shop}
#       spec: {hard: {pods: 4}}
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
#       spec: {hard: {pods: 2}}
#       ---
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web, namespace: shop}
#       spec:
#         replicas: 3
#         template:
#           metadata: {labels: {app: web}}
#           spec: {containers: [{name: web, image: example/web:1, resources: {limits: {cpu: 1, memory: 1Gi}}}]}
package kubevet.capacity.quota

import rego.v1

deny contains {"msg": msg, "path": limit.path} if {
	some limit in input.facts.capacity.quota
	limit.exceeded
	msg := sprintf("%s is %s, but %s is deployed; the most by %s", [limit.resource, limit.hard, limit.steady, concat(", ", limit.greatest)])
}

# METADATA
# title: Containers say what the ResourceQuota counts
# description: >-
#   Where a quota limits cpu or memory, the API server refuses every Pod with a container that names no request
#   or limit for it, unless a LimitRange fills it in.
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, Job, CronJob]
#   needs: [facts.capacity.unspecified]
#   help: >-
#     Add the request or limit, or a LimitRange with a default for it.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: ResourceQuota
#       metadata: {name: shop, namespace: shop}
#       spec: {hard: {limits.cpu: 4}}
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
#       kind: ResourceQuota
#       metadata: {name: shop, namespace: shop}
#       spec: {hard: {limits.cpu: 4}}
#       ---
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web, namespace: shop}
#       spec:
#         template:
#           metadata: {labels: {app: web}}
#           spec:
#             containers:
#               - {name: web, image: example/web:1}
package kubevet.capacity.quota_unspecified

import rego.v1

deny contains {"msg": msg, "path": missing.path, "related": [quota]} if {
	some missing in input.facts.capacity.unspecified
	msg := sprintf("ResourceQuota %s counts %s, and the container does not say how much", [missing.quota.name, missing.resource])
	quota := {"object": missing.quota, "path": ["spec", "hard", missing.resource], "note": "counts it"}
}

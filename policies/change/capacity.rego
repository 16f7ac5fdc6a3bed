# METADATA
# title: It is known where a change asks for much more
# description: >-
#   Requests, limits, claims and the number of Pods are summed up for each namespace, before and after, with what autoscalers may ask for.
#   A fifth more than before is told, and what the namespace's quota has no room for, with who makes most of the difference.
# custom:
#   scope: change
#   level: warn
#   needs: [facts.change.capacity]
#   help: >-
#     Be sure that the cluster has room for it, and raise the quota with the change where it has none.
#   examples:
#     good: |
#       # file: old.yaml
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web, namespace: shop, labels: {team: t1}}
#       spec:
#         replicas: 2
#         selector: {matchLabels: {app: web}}
#         template:
#           metadata: {labels: {app: web}}
#           spec: {containers: [{name: web, image: registry.example/web:1, resources: {requests: {cpu: 500m, memory: 1Gi}}}]}
#       # file: new.yaml
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web, namespace: shop, labels: {team: t2}}
#       spec:
#         replicas: 2
#         selector: {matchLabels: {app: web}}
#         template:
#           metadata: {labels: {app: web}}
#           spec: {containers: [{name: web, image: registry.example/web:1, resources: {requests: {cpu: 500m, memory: 1Gi}}}]}
#     bad: |
#       # file: old.yaml
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web, namespace: shop, labels: {team: t1}}
#       spec:
#         replicas: 2
#         selector: {matchLabels: {app: web}}
#         template:
#           metadata: {labels: {app: web}}
#           spec: {containers: [{name: web, image: registry.example/web:1, resources: {requests: {cpu: 500m, memory: 1Gi}}}]}
#       # file: new.yaml
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web, namespace: shop, labels: {team: t1}}
#       spec:
#         replicas: 4
#         selector: {matchLabels: {app: web}}
#         template:
#           metadata: {labels: {app: web}}
#           spec: {containers: [{name: web, image: registry.example/web:1, resources: {requests: {cpu: 500m, memory: 1Gi}}}]}
package kubevet.change.capacity

import rego.v1

# In percent.
much := 20

# So many amounts are told, those without room first, then those that people look at first.
most := 4

first := ["requests.cpu", "requests.memory", "requests.storage", "pods"]

deny contains {"msg": msg, "object": change.object, "path": change.path} if {
	some change in input.facts.change.capacity
	news := [resource | some resource in change.resources; is_news(resource)]
	count(news) > 0
	told := array.concat(
		[words(resource) | some resource in news; no_room(resource)],
		array.concat(
			[words(resource) | some name in first; some resource in news; resource.resource == name; not no_room(resource)],
			[words(resource) | some resource in news; not resource.resource in first; not no_room(resource)],
		),
	)
	msg := sprintf("namespace %s asks for more: %s%s%s", [change.namespace, concat(", ", array.slice(told, 0, most)), more(count(told) - most), makers(change)])
}

is_news(resource) if resource.rise >= much

is_news(resource) if no_room(resource)

no_room(resource) if {
	not resource.fits
	resource.fitted
}

words(resource) := sprintf("%s %s, of which the quota has %s", [resource.resource, amounts(resource), resource.quota]) if {
	no_room(resource)
} else := sprintf("%s %s", [resource.resource, amounts(resource)])

amounts(resource) := sprintf("%s → %s", [resource.old, resource.new]) if {
	resource.old != resource.new
} else := sprintf("%s → %s at the peak", [resource.oldPeak, resource.newPeak]) if {
	resource.oldPeak != resource.newPeak
} else := resource.new

makers(change) := sprintf(" (%s)", [concat(", ", change.by)]) if {
	count(change.by) > 0
} else := ""

more(count) := sprintf(" and %d more", [count]) if {
	count > 0
} else := ""

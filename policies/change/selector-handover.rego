# METADATA
# title: Services and budgets select the same Pods during and after a rollout
# description: >-
#   A Service's selector changes at once, the labels of Pods only when these are replaced: a selector with a label that the old Pods
#   lack selects nothing until new ones are ready, and nothing for good where the API server refuses the workload's update. A label
#   that another workload has too brings its Pods in.
# custom:
#   scope: change
#   needs: [facts.change.handovers]
#   help: >-
#     Give the Pods the new label first, and let the selector ask for it in a later change. To take one away, take it from the selector first.
#   examples:
#     good: |
#       # file: old.yaml
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web, namespace: shop}
#       spec:
#         selector: {matchLabels: {app: web}}
#         template:
#           metadata: {labels: {app: web, tier: a}}
#           spec: {containers: [{name: web, image: registry.example/web:1}]}
#       ---
#       apiVersion: v1
#       kind: Service
#       metadata: {name: web, namespace: shop}
#       spec: {selector: {app: web}, ports: [{port: 80}]}
#       # file: new.yaml
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web, namespace: shop}
#       spec:
#         selector: {matchLabels: {app: web}}
#         template:
#           metadata: {labels: {app: web, tier: b}}
#           spec: {containers: [{name: web, image: registry.example/web:1}]}
#       ---
#       apiVersion: v1
#       kind: Service
#       metadata: {name: web, namespace: shop}
#       spec: {selector: {app: web}, ports: [{port: 80}]}
#     bad: |
#       # file: old.yaml
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web, namespace: shop}
#       spec:
#         selector: {matchLabels: {app: web}}
#         template:
#           metadata: {labels: {app: web, tier: a}}
#           spec: {containers: [{name: web, image: registry.example/web:1}]}
#       ---
#       apiVersion: v1
#       kind: Service
#       metadata: {name: web, namespace: shop}
#       spec: {selector: {app: web}, ports: [{port: 80}]}
#       # file: new.yaml
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web, namespace: shop}
#       spec:
#         selector: {matchLabels: {app: web}}
#         template:
#           metadata: {labels: {app: web, tier: b}}
#           spec: {containers: [{name: web, image: registry.example/web:1}]}
#       ---
#       apiVersion: v1
#       kind: Service
#       metadata: {name: web, namespace: shop}
#       spec: {selector: {app: web, tier: b}, ports: [{port: 80}]}
package kubevet.change.selector_handover

import rego.v1

deny contains {"msg": sprintf("%s %s %s", [handover.object.kind, handover.object.name, words(handover)]), "object": handover.cause, "path": handover.path} if {
	some handover in input.facts.change.handovers
}

words(handover) := sprintf("selects no Pod any more; it selected those of %s", [concat(", ", handover.lost)]) if {
	handover.noneAfter
} else := sprintf("selects no Pod of %s: the old ones lack the labels, and the API server refuses the update that brings new ones", [concat(", ", handover.gap)]) if {
	handover.refused
} else := sprintf("selects no Pod until new ones of %s are ready: the old ones lack the labels", [concat(", ", handover.gap)]) if {
	handover.noneDuring
	count(handover.gap) > 0
} else := sprintf("does not select the old Pods of %s, which lack the labels", [concat(", ", handover.gap)]) if {
	count(handover.gap) > 0
} else := sprintf("selects the Pods of %s instead of those of %s", [concat(", ", handover.gained), concat(", ", handover.lost)]) if {
	count(handover.gained) > 0
	count(handover.lost) > 0
} else := sprintf("selects the Pods of %s too", [concat(", ", handover.gained)]) if {
	count(handover.gained) > 0
} else := sprintf("does not select the Pods of %s any more", [concat(", ", handover.lost)])

# METADATA
# title: Every PodDisruptionBudget selects a workload
# description: >-
#   A budget whose selector matches no Pod protects nothing: usually a label was renamed, or the budget is in another
#   namespace. A budget without a selector selects nothing either. Pods that an operator makes from a custom resource are
#   not known here, so a budget in a namespace with such a resource whose name its labels carry passes. So does one in a
#   namespace without any workload in the overlay: it is for what somebody else deploys.
# custom:
#   scope: overlay
#   kinds: [PodDisruptionBudget]
#   help: >-
#     Make the selector match the labels of the Pod template, in the same namespace.
#   examples:
#     good: |
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: api, namespace: shop}
#       spec: {template: {metadata: {labels: {app: api}}}}
#       ---
#       apiVersion: policy/v1
#       kind: PodDisruptionBudget
#       metadata: {name: api, namespace: shop}
#       spec: {maxUnavailable: 1, selector: {matchLabels: {app: api}}}
#     bad: |
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: api, namespace: shop}
#       spec: {template: {metadata: {labels: {app: api}}}}
#       ---
#       apiVersion: policy/v1
#       kind: PodDisruptionBudget
#       metadata: {name: api, namespace: shop}
#       spec: {maxUnavailable: 1, selector: {matchLabels: {app: ap}}}
package kubevet.availability.pdb_selects_nothing

import data.kubevet.lib.overlay
import data.kubevet.lib.pods
import data.kubevet.lib.selector
import data.kubevet.lib.workload
import rego.v1

deny contains {"msg": msg, "path": ["spec", "selector"], "object": overlay.identity(budget)} if {
	some i, budget in overlay.budgets
	count(overlay.budget_targets[i]) == 0
	overlay.by_namespace[overlay.key(overlay.namespace(budget), [])]
	not of_operator(budget)
	not selects_other_pods(budget)
	msg := "the PodDisruptionBudget selects no workload of its namespace"
}

# Labels that operators put on the Pods that they make, with a resource's name as the value.
of_operator(budget) if {
	value := budget.spec.selector.matchLabels[_]
	value in custom_names[overlay.key(overlay.namespace(budget), [])]
}

custom_names[space] contains name if {
	object := input.objects[_]
	contains(workload.group_of(object), ".")
	not endswith(workload.group_of(object), ".k8s.io")
	space := overlay.key(overlay.namespace(object), [])
	name := overlay.name(object)
}

# DaemonSets, Jobs and bare Pods are Pods as well.
selects_other_pods(budget) if {
	some entry in pods.all
	entry.object.kind in {"CronJob", "DaemonSet", "Job", "Pod"}
	overlay.namespace(entry.object) == overlay.namespace(budget)
	labels := entry.pod.metadata.labels
	selector.matches(budget.spec.selector, labels)
}

# METADATA
# title: No Pod has two PodDisruptionBudgets
# description: >-
#   The eviction API refuses to evict a Pod that two budgets select, however much they allow: a drain of its node never
#   ends.
# custom:
#   scope: overlay
#   kinds: [PodDisruptionBudget]
#   help: >-
#     Keep one budget for the workload, or make their selectors apart.
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
#       spec: {maxUnavailable: 1, selector: {matchLabels: {app: api}}}
#       ---
#       apiVersion: policy/v1
#       kind: PodDisruptionBudget
#       metadata: {name: all, namespace: shop}
#       spec: {maxUnavailable: 1, selector: {}}
package kubevet.availability.pdb_overlap

import data.kubevet.lib.overlay
import rego.v1

deny contains {"msg": msg, "path": ["spec", "selector"], "object": overlay.identity(second), "related": related} if {
	some numbers in overlay.budgets_of
	count(numbers) > 1
	ordered := sort(numbers)
	first := overlay.budgets[ordered[0]]
	some i in array.slice(ordered, 1, count(ordered))
	second := overlay.budgets[i]
	shared := shared_workload(ordered[0], i)
	msg := sprintf("PodDisruptionBudgets %s and %s both select the Pods of %s, which then can never be evicted", [
		overlay.name(first),
		overlay.name(second),
		shared,
	])
	related := [{"object": overlay.identity(first), "path": ["spec", "selector"], "note": "the other budget"}]
}

shared_workload(first, second) := overlay.title(overlay.workloads[min(common)].object) if {
	common := overlay.budget_targets[first] & overlay.budget_targets[second]
}

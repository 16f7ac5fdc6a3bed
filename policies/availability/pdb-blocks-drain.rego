# METADATA
# title: A PodDisruptionBudget lets a drain go on
# description: >-
#   A budget that allows no disruption at all (maxUnavailable: 0, minAvailable of 100 %, or of as many Pods as there are)
#   makes every node drain wait forever, so nodes cannot be upgraded, and so does one with neither number. A percentage of
#   the replicas is rounded up, so 67 % of 3 are all 3. Where a HorizontalPodAutoscaler scales the workload, its minimum
#   counts.
# custom:
#   scope: overlay
#   kinds: [PodDisruptionBudget]
#   fix: true
#   help: >-
#     Allow one (maxUnavailable: 1), or give the workload more replicas than minAvailable.
#   examples:
#     good: |
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: api, namespace: shop}
#       spec: {replicas: 2, template: {metadata: {labels: {app: api}}}}
#       ---
#       apiVersion: policy/v1
#       kind: PodDisruptionBudget
#       metadata: {name: api, namespace: shop}
#       spec: {minAvailable: 1, selector: {matchLabels: {app: api}}}
#     bad: |
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: api, namespace: shop}
#       spec: {replicas: 1, template: {metadata: {labels: {app: api}}}}
#       ---
#       apiVersion: policy/v1
#       kind: PodDisruptionBudget
#       metadata: {name: api, namespace: shop}
#       spec: {minAvailable: 1, selector: {matchLabels: {app: api}}}
package kubevet.availability.pdb_blocks_drain

import data.kubevet.lib.fix
import data.kubevet.lib.overlay
import rego.v1

deny contains {"msg": msg, "path": ["spec", field], "object": overlay.identity(budget), "fix": allowed(budget)} if {
	some budget in overlay.budgets
	some field, values in {"maxUnavailable": {0, "0", "0%"}, "minAvailable": {"100%"}}
	budget.spec[field] in values
	msg := sprintf("%s: %v allows no disruption, so a drain never ends", [field, budget.spec[field]])
}

# The controller then expects no Pods at all, and allows no disruption.
deny contains {"msg": msg, "path": ["spec"], "object": overlay.identity(budget), "fix": allowed(budget)} if {
	some budget in overlay.budgets
	is_object(budget.spec)
	object.get(budget.spec, "maxUnavailable", null) == null
	object.get(budget.spec, "minAvailable", null) == null
	msg := "neither maxUnavailable nor minAvailable is set, which allows no disruption, so a drain never ends"
}

deny contains {"msg": msg, "path": ["spec", "minAvailable"], "object": overlay.identity(budget), "related": related, "fix": allowed(budget)} if {
	some i, budget in overlay.budgets
	numbers := overlay.budget_targets[i]
	count(numbers) == 1
	some number in numbers
	entry := overlay.workloads[number]
	entry.least > 0
	pods(budget.spec.minAvailable, entry.least) >= entry.least
	msg := sprintf("minAvailable: %v of %v replicas allows no disruption, so a drain never ends", [budget.spec.minAvailable, entry.least])
	related := [{"object": overlay.identity(entry.object), "path": ["spec", "replicas"], "note": "the replicas"}]
}

# Whether one Pod less still does the work is nothing that manifests say.
allowed(budget) := fix.suggestion("let one Pod at a time be evicted", array.concat(
	[{"remove": ["spec", "minAvailable"]} | object.get(budget, ["spec", "minAvailable"], null) != null],
	[{"set": ["spec", "maxUnavailable"], "value": 1}],
))

# How many Pods a number or a percentage of the replicas asks for; "100%" is wrong whatever the replicas.
pods(wanted, _) := wanted if is_number(wanted)

pods(wanted, replicas) := ceil((to_number(trim_suffix(wanted, "%")) * replicas) / 100) if {
	is_string(wanted)
	regex.match(`^[0-9]{1,3}%$`, wanted)
	wanted != "100%"
}

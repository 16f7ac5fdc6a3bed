# METADATA
# title: A workload with several replicas has a PodDisruptionBudget
# description: >-
#   A drain (a node upgrade, an autoscaler that removes nodes) evicts all Pods of a node at once. Without a
#   PodDisruptionBudget it may take every replica of a workload at the same time.
# custom:
#   scope: overlay
#   kinds: [Deployment, StatefulSet]
#   keys: [replicas, minReplicas]
#   fix: true
#   help: >-
#     Add a PodDisruptionBudget with maxUnavailable: 1 that selects the workload's Pods.
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
#       spec: {maxUnavailable: 1, selector: {matchLabels: {app: api}}}
#     bad: |
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: api, namespace: shop}
#       spec: {replicas: 2, template: {metadata: {labels: {app: api}}}}
package kubevet.availability.pdb_missing

import data.kubevet.lib.fix
import data.kubevet.lib.overlay
import rego.v1

deny contains {"msg": msg, "path": ["spec"], "object": overlay.identity(entry.object), "related": related(entry.object), "fix": fixes(entry.object)} if {
	some i, entry in overlay.workloads
	entry.object.kind in {"Deployment", "StatefulSet"}
	entry.least > 1
	not i in overlay.budgeted
	msg := sprintf("%v replicas, but no PodDisruptionBudget: a drain may take all of them at once", [entry.least])
}

# How many there are may stand in a patch.
related(object) := [{"object": overlay.identity(object), "path": ["spec", "replicas"], "note": "the replicas"}] if {
	object.spec.replicas
} else := []

# With maxUnavailable: 1 a drain goes on, one Pod at a time, however many there are.
fixes(object) := [fix.safe("add a PodDisruptionBudget", [{"create": {
	"apiVersion": "policy/v1",
	"kind": "PodDisruptionBudget",
	"metadata": overlay.beside(object),
	"spec": {"maxUnavailable": 1, "selector": object.spec.selector},
}}])] if {
	is_object(object.spec.selector)
	overlay.name(object) != ""
} else := []

# METADATA
# title: Replicas do not all land on one node
# description: >-
#   Without topologySpreadConstraints or podAntiAffinity the scheduler may put all replicas on one node, and the loss of
#   that node is the loss of the workload. What counts is a constraint or a term, required or preferred.
# custom:
#   scope: overlay
#   kinds: [Deployment, StatefulSet]
#   keys: [replicas, minReplicas]
#   fix: true
#   help: >-
#     Add topologySpreadConstraints over kubernetes.io/hostname (and topology.kubernetes.io/zone).
#   examples:
#     good: |
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: api, namespace: shop}
#       spec: {replicas: 2, template: {spec: {topologySpreadConstraints: [{maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: ScheduleAnyway, labelSelector: {}}]}}}
#     bad: |
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: api, namespace: shop}
#       spec: {replicas: 2, template: {spec: {}}}
package kubevet.availability.spread

import data.kubevet.lib.fix
import data.kubevet.lib.overlay
import rego.v1

deny contains {"msg": msg, "path": path, "object": overlay.identity(entry.object), "fix": fixes(entry.object, path)} if {
	some entry in overlay.workloads
	entry.object.kind in {"Deployment", "StatefulSet"}
	entry.least > 1
	not spreads(entry.object)
	path := ["spec", "template", "spec", "topologySpreadConstraints"]
	msg := sprintf("nothing keeps the %v replicas from landing on one node", [entry.least])
}

spreads(object) if object.spec.template.spec.topologySpreadConstraints[0]

spreads(object) if object.spec.template.spec.affinity.podAntiAffinity[_][0]

# ScheduleAnyway: where there is one node, all replicas still find a place.
fixes(object, path) := [fix.safe("spread the replicas over nodes where that is possible", [{"add": path, "value": {
	"maxSkew": 1,
	"topologyKey": "kubernetes.io/hostname",
	"whenUnsatisfiable": "ScheduleAnyway",
	"labelSelector": object.spec.selector,
}}])] if {
	is_object(object.spec.selector)
} else := []

# METADATA
# title: A rollout does not take all replicas down at once
# description: >-
#   A workload with several replicas promises to be there. Strategy Recreate, or a maxUnavailable of all replicas, takes
#   every Pod away before a new one is ready, at each rollout.
# custom:
#   scope: overlay
#   kinds: [Deployment]
#   needs: [facts.suspect.rollout]
#   fix: true
#   help: >-
#     Use RollingUpdate with a maxUnavailable below the number of replicas.
#   examples:
#     good: |
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: api, namespace: shop}
#       spec: {replicas: 2, strategy: {rollingUpdate: {maxUnavailable: 1}}}
#     bad: |
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: api, namespace: shop}
#       spec: {replicas: 2, strategy: {type: Recreate}}
package kubevet.availability.rollout_downtime

import data.kubevet.lib.fix
import data.kubevet.lib.overlay
import rego.v1

deny contains {"msg": msg, "path": path, "object": overlay.identity(entry.object), "fix": roll} if {
	some entry in overlay.workloads
	entry.object.kind == "Deployment"
	entry.least > 1
	entry.object.spec.strategy.type == "Recreate"
	path := ["spec", "strategy", "type"]
	roll := fix.suggestion("replace the Pods one after the other", [{"set": path, "value": "RollingUpdate"}])
	msg := sprintf("strategy Recreate takes all %v replicas down at each rollout", [entry.least])
}

deny contains {"msg": msg, "path": path, "object": overlay.identity(entry.object), "fix": keep} if {
	some entry in overlay.workloads
	entry.object.kind == "Deployment"
	entry.least > 1
	unavailable := entry.object.spec.strategy.rollingUpdate.maxUnavailable
	all_of(unavailable, entry.least)
	path := ["spec", "strategy", "rollingUpdate", "maxUnavailable"]
	keep := fix.safe("take one replica down at a time", [{"set": path, "value": 1}])
	msg := sprintf("maxUnavailable: %v takes all %v replicas down at each rollout", [unavailable, entry.least])
}

all_of(unavailable, _) if unavailable == "100%"

all_of(unavailable, replicas) if {
	is_number(unavailable)
	unavailable >= replicas
}

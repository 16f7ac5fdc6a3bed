# METADATA
# title: A Deployment has as many replicas as the environment asks for
# description: >-
#   With one replica every restart, drain and rollout failure is an outage. The table's parameter `minReplicas` says how
#   many an environment asks for; without it this rule says nothing. The minimum of a HorizontalPodAutoscaler counts as
#   the replicas. StatefulSets are not judged, as whether they can have more is up to the application.
# custom:
#   scope: overlay
#   kinds: [Deployment]
#   needs: [environment.parameters.minReplicas]
#   parameters:
#     minReplicas:
#       type: integer
#       description: How many replicas a Deployment has at least; nothing is asked for without it.
#   fix: true
#   help: >-
#     Raise replicas (or the autoscaler's minReplicas) in this environment's patch.
#   examples:
#     parameters: {minReplicas: 2}
#     good: |
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: api, namespace: shop}
#       spec: {replicas: 2, template: {metadata: {labels: {app: api}}}}
#     bad: |
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: api, namespace: shop}
#       spec: {replicas: 1, template: {metadata: {labels: {app: api}}}}
package kubevet.availability.replicas

import data.kubevet.lib.fix
import data.kubevet.lib.overlay
import data.kubevet.lib.parameters
import rego.v1

deny contains {"msg": msg, "path": ["spec", "replicas"], "object": overlay.identity(entry.object), "fix": more} if {
	wanted := parameters.value("minReplicas", 0)
	some entry in overlay.workloads
	entry.object.kind == "Deployment"
	is_number(entry.least)
	entry.least < wanted
	more := fix.suggestion(sprintf("run %v replicas", [wanted]), edits(entry, wanted))
	msg := sprintf("too few replicas: %v; %v is the least here", [entry.least, wanted])
}

# What an autoscaler scales has the number of replicas that this sets.
edits(entry, wanted) := [{"object": overlay.identity(autoscaler), "set": ["spec", "minReplicas"], "value": wanted} |
	some autoscaler in scaling(entry)
] if {
	scaling(entry) != []
} else := [{"set": ["spec", "replicas"], "value": wanted}]

scaling(entry) := [autoscaler |
	some autoscaler in overlay.autoscalers
	overlay.target_key(autoscaler) == overlay.key(entry.namespace, [overlay.own(entry.object, "kind"), overlay.name(entry.object)])
]

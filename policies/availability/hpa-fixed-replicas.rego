# METADATA
# title: A workload with an autoscaler sets no replicas
# description: >-
#   Every `kubectl apply` of a fixed `replicas` takes the workload back to that number, away from what the autoscaler had
#   chosen, in the middle of the load.
# custom:
#   scope: overlay
#   kinds: [HorizontalPodAutoscaler]
#   fix: true
#   help: >-
#     Remove replicas from the workload, in a patch with `replicas: null` if the base has it.
#   examples:
#     good: |
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: api, namespace: shop}
#       spec: {template: {metadata: {labels: {app: api}}}}
#       ---
#       apiVersion: autoscaling/v2
#       kind: HorizontalPodAutoscaler
#       metadata: {name: api, namespace: shop}
#       spec: {maxReplicas: 5, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}}
#     bad: |
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: api, namespace: shop}
#       spec: {replicas: 3, template: {metadata: {labels: {app: api}}}}
#       ---
#       apiVersion: autoscaling/v2
#       kind: HorizontalPodAutoscaler
#       metadata: {name: api, namespace: shop}
#       spec: {maxReplicas: 5, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}}
package kubevet.availability.hpa_fixed_replicas

import data.kubevet.lib.fix
import data.kubevet.lib.overlay
import rego.v1

deny contains {"msg": msg, "path": ["spec", "replicas"], "object": overlay.identity(entry.object), "related": related, "fix": scale} if {
	some entry in overlay.workloads
	is_number(entry.object.spec.replicas)
	some autoscaler in scaled[overlay.key(entry.namespace, [entry.object.kind, overlay.name(entry.object)])]
	msg := sprintf("replicas is fixed to %v, though a HorizontalPodAutoscaler scales it", [entry.object.spec.replicas])
	scale := fix.suggestion("leave the replicas to the autoscaler", [{"remove": ["spec", "replicas"]}])
	related := [{"object": overlay.identity(autoscaler), "path": ["spec", "scaleTargetRef"], "note": "the autoscaler"}]
}

scaled[place] contains autoscaler if {
	some autoscaler in overlay.autoscalers
	place := overlay.target_key(autoscaler)
}

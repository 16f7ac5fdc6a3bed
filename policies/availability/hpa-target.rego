# METADATA
# title: A HorizontalPodAutoscaler scales something that is there
# description: >-
#   An autoscaler whose target does not exist does nothing, and nobody notices until the load comes. Targets of kinds
#   that an operator defines are not judged, nor is an autoscaler in a namespace without any workload in the overlay.
# custom:
#   scope: overlay
#   kinds: [HorizontalPodAutoscaler]
#   help: >-
#     Set scaleTargetRef to the kind and name of a workload in the same namespace.
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
#       spec: {template: {metadata: {labels: {app: api}}}}
#       ---
#       apiVersion: autoscaling/v2
#       kind: HorizontalPodAutoscaler
#       metadata: {name: api, namespace: shop}
#       spec: {maxReplicas: 5, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: ap}}
package kubevet.availability.hpa_target

import data.kubevet.lib.overlay
import rego.v1

deny contains {"msg": msg, "path": ["spec", "scaleTargetRef", "name"], "object": overlay.identity(autoscaler)} if {
	some autoscaler in overlay.autoscalers
	overlay.by_namespace[overlay.key(overlay.namespace(autoscaler), [])]
	target := autoscaler.spec.scaleTargetRef
	target.kind in {"Deployment", "ReplicaSet", "ReplicationController", "StatefulSet"}
	not overlay.target_key(autoscaler) in known
	msg := sprintf("%s %s, which it scales, is not in the overlay", [target.kind, target.name])
}

known contains place if {
	some entry in overlay.workloads
	place := overlay.key(entry.namespace, [entry.object.kind, overlay.name(entry.object)])
}

# METADATA
# title: Pods that must not share a volume do not have to
# description: >-
#   A ReadWriteOnce claim can be used from one node only. A Deployment that mounts one cannot start its second replica on
#   another node, and with the RollingUpdate strategy it waits for the old Pod to let go, which waits for the new one to
#   be ready.
# custom:
#   scope: overlay
#   kinds: [PersistentVolumeClaim]
#   keys: [persistentVolumeClaim]
#   fix: true
#   help: >-
#     Use strategy Recreate with one replica, a StatefulSet with volumeClaimTemplates, or a ReadWriteMany claim.
#   examples:
#     good: |
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: api, namespace: shop}
#       spec: {strategy: {type: Recreate}, template: {spec: {volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]}}}
#       ---
#       apiVersion: v1
#       kind: PersistentVolumeClaim
#       metadata: {name: data, namespace: shop}
#       spec: {accessModes: [ReadWriteOnce]}
#     bad: |
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: api, namespace: shop}
#       spec: {replicas: 2, template: {spec: {volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]}}}
#       ---
#       apiVersion: v1
#       kind: PersistentVolumeClaim
#       metadata: {name: data, namespace: shop}
#       spec: {accessModes: [ReadWriteOnce]}
package kubevet.availability.rwo_claim

import data.kubevet.lib.fix
import data.kubevet.lib.overlay
import rego.v1

deny contains {"msg": msg, "path": path, "object": overlay.identity(entry.object), "related": related, "fix": fixes(entry)} if {
	some entry in overlay.workloads
	entry.object.kind == "Deployment"
	name := entry.object.spec.template.spec.volumes[i].persistentVolumeClaim.claimName
	some claim in single_node_claims[overlay.key(entry.namespace, [name])]
	problem := conflict(entry)
	path := ["spec", "template", "spec", "volumes", i, "persistentVolumeClaim"]
	msg := sprintf("claim %s can be used from one node only, but the Deployment %s", [name, problem])
	related := [{"object": overlay.identity(claim), "path": ["spec", "accessModes"], "note": "its access modes"}]
}

conflict(entry) := sprintf("has %v replicas", [entry.least]) if entry.least > 1

conflict(entry) := "replaces its Pod by a RollingUpdate" if {
	entry.least == 1
	not one_at_a_time(entry.object)
}

one_at_a_time(object) if object.spec.strategy.type == "Recreate"

# Without room for a second Pod a rolling update removes the old one first.
one_at_a_time(object) if object.spec.strategy.rollingUpdate.maxSurge in {0, "0%"}

single_node_claims[place] contains claim if {
	some claim in overlay.of_kind("", "PersistentVolumeClaim")
	modes := {mode | mode := claim.spec.accessModes[_]}
	count(modes & {"ReadOnlyMany", "ReadWriteMany"}) == 0
	count(modes) > 0
	place := overlay.key(overlay.namespace(claim), [overlay.name(claim)])
}

# What cannot run twice stops before it starts again.
fixes(entry) := [fix.suggestion("stop the old Pod first", [{"set": ["spec", "strategy"], "value": {"type": "Recreate"}}])] if {
	entry.least == 1
} else := []

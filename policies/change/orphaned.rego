# METADATA
# title: What the manifests no longer have is deleted by somebody
# description: >-
#   `kubectl apply` deletes nothing by itself: an object that goes from the manifests, or is called otherwise there, stays in the
#   cluster and goes on working, until `--prune` or a person removes it. A GitOps controller that prunes deletes it at once.
# custom:
#   scope: change
#   needs: [facts.change]
#   help: >-
#     Delete it with the change where nothing prunes; where a controller prunes, be sure that nothing uses it any more.
#   examples:
#     good: |
#       # file: old.yaml
#       apiVersion: v1
#       kind: ConfigMap
#       metadata: {name: settings, namespace: shop}
#       data: {mode: a}
#       # file: new.yaml
#       apiVersion: v1
#       kind: ConfigMap
#       metadata: {name: settings, namespace: shop}
#       data: {mode: b}
#     bad: |
#       # file: old.yaml
#       apiVersion: v1
#       kind: Service
#       metadata: {name: web, namespace: shop}
#       spec: {selector: {app: web}, ports: [{port: 80}]}
#       # file: new.yaml
#       apiVersion: v1
#       kind: ConfigMap
#       metadata: {name: settings, namespace: shop}
#       data: {mode: b}
package kubevet.change.orphaned

import rego.v1

deny contains {"msg": msg, "object": change.object, "path": []} if {
	some change in input.facts.change.objects
	change.change == "removed"
	msg := "it is not in the manifests any more: `kubectl apply` leaves it in the cluster, a GitOps controller that prunes deletes it"
}

# Generated ConfigMaps and Secrets leave their predecessors behind by design: Pods of the last rollout may still read them.
deny contains {"msg": msg, "object": change.was, "path": []} if {
	some change in input.facts.change.objects
	change.change == "renamed"
	not change.byHash
	msg := sprintf("it is called %s now: `kubectl apply` leaves the old one in the cluster beside it", [change.object.name])
}

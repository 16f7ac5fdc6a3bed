# METADATA
# title: What the manifests no longer have is deleted by somebody
# description: >-
#   `kubectl apply` deletes nothing by itself: an object that goes from the manifests, or is called otherwise there, stays in the
#   cluster and goes on working, until `--prune` or a person removes it. A GitOps controller that prunes deletes it at once.
# custom:
#   scope: change
#   level: warn
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

# More than this many are told of together.
many := 5

removed := [change |
	some change in input.facts.change.objects
	change.change == "removed"
]

# Generated ConfigMaps and Secrets leave their predecessors behind by design: Pods of the last rollout may still read them.
renamed := [change |
	some change in input.facts.change.objects
	change.change == "renamed"
	not change.byHash
]

deny contains {"msg": msg, "object": change.object, "path": []} if {
	count(removed) <= many
	some change in removed
	msg := "it is not in the manifests any more: `kubectl apply` leaves it in the cluster, a GitOps controller that prunes deletes it"
}

deny contains {"msg": msg, "object": removed[0].object, "path": []} if {
	count(removed) > many
	msg := sprintf("it and %d others are not in the manifests any more: `kubectl apply` leaves them in the cluster, a GitOps controller that prunes deletes them", [count(removed) - 1])
}

deny contains {"msg": msg, "object": change.was, "path": []} if {
	count(renamed) <= many
	some change in renamed
	msg := sprintf("it is %s now: `kubectl apply` leaves the old one in the cluster beside it", [name(change)])
}

deny contains {"msg": msg, "object": renamed[0].was, "path": []} if {
	count(renamed) > many
	msg := sprintf("it is %s now, and %d others are called otherwise too: `kubectl apply` leaves the old ones in the cluster beside them", [name(renamed[0]), count(renamed) - 1])
}

name(change) := sprintf("a %s", [change.object.kind]) if {
	change.object.kind != change.was.kind
} else := change.object.name if {
	change.object.name != change.was.name
} else := sprintf("in namespace %s", [change.object.namespace]) if {
	change.object.namespace != change.was.namespace
} else := change.object.apiVersion

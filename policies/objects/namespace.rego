# METADATA
# title: Every object is in the namespace that the overlay means
# description: >-
#   An object in the namespace `default` lies beside everything else that was put there by accident. One without a
#   namespace, where the others of the overlay have theirs, lands wherever the person or pipeline that applies it happens
#   to be. An overlay none of whose objects names a namespace passes: who deploys it chooses. Workloads, Services,
#   ConfigMaps, Secrets and claims are looked at.
# custom:
#   scope: overlay
#   needs: [facts.suspect.namespace]
#   help: >-
#     Set `namespace:` in the kustomization.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Service
#       metadata: {name: app, namespace: shop}
#       ---
#       apiVersion: v1
#       kind: ConfigMap
#       metadata: {name: app, namespace: shop}
#     bad: |
#       apiVersion: v1
#       kind: Service
#       metadata: {name: app, namespace: shop}
#       ---
#       apiVersion: v1
#       kind: ConfigMap
#       metadata: {name: app}
package kubevet.objects.namespace

import data.kubevet.lib.overlay
import rego.v1

kinds := {
	"ConfigMap", "CronJob", "DaemonSet", "Deployment", "Job", "PersistentVolumeClaim", "Pod", "ReplicaSet",
	"ReplicationController", "Secret", "Service", "StatefulSet",
}

# Kinds of the same names in groups of others, which have a dot, are not meant.
placed := [object |
	object := input.objects[_]
	object.kind in kinds
	is_string(object.apiVersion)
	not contains(object.apiVersion, ".")
]

some_have_a_namespace if {
	some object in placed
	is_string(overlay.namespace(object))
}

deny contains {"msg": msg, "path": ["metadata", "namespace"], "object": overlay.identity(object)} if {
	some object in placed
	overlay.namespace(object) == "default"
	msg := sprintf("%s is in the namespace default", [overlay.title(object)])
}

deny contains {"msg": msg, "path": ["metadata", "namespace"], "object": overlay.identity(object)} if {
	some_have_a_namespace
	some object in placed
	overlay.namespace(object) == null
	msg := sprintf("%s has no namespace, though other objects of the overlay do", [overlay.title(object)])
}

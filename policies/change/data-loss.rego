# METADATA
# title: Nothing that holds data goes
# description: >-
#   A claim, a volume, a namespace, a definition of custom resources or an operator's database that goes, or is made anew under
#   another name, takes its data along; so does a StatefulSet whose claims are deleted with it, and a volume whose claim now
#   deletes it. Whether the object is deleted at once depends on who applies: a GitOps controller prunes, `kubectl apply` does not.
# custom:
#   scope: change
#   needs: [facts.change]
#   help: >-
#     Keep the object (and its name), or move the data first and say so with a waiver.
#   examples:
#     good: |
#       # file: old.yaml
#       apiVersion: v1
#       kind: PersistentVolumeClaim
#       metadata: {name: data, namespace: shop}
#       spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 2Gi}}}
#       # file: new.yaml
#       apiVersion: v1
#       kind: PersistentVolumeClaim
#       metadata: {name: data, namespace: shop}
#       spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 3Gi}}}
#     bad: |
#       # file: old.yaml
#       apiVersion: v1
#       kind: PersistentVolumeClaim
#       metadata: {name: data, namespace: shop}
#       spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 2Gi}}}
#       # file: new.yaml
#       apiVersion: v1
#       kind: PersistentVolumeClaim
#       metadata: {name: data-2, namespace: shop}
#       spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 2Gi}}}
package kubevet.change.data_loss

import rego.v1

# What goes with an object of a kind, by the group of its apiVersion.
holds := {
	"PersistentVolumeClaim": {"": "its volume and the data on it"},
	"PersistentVolume": {"": "the way to the data on it"},
	"Namespace": {"": "everything in it"},
	"CustomResourceDefinition": {"apiextensions.k8s.io": "all objects of its kind"},
	"Cluster": {"postgresql.cnpg.io": "its databases"},
	"Database": {"postgresql.cnpg.io": "the database, where its reclaim policy says so"},
	"Kafka": {"kafka.strimzi.io": "its topics"},
	"KafkaNodePool": {"kafka.strimzi.io": "the volumes of its nodes"},
	"KafkaTopic": {"kafka.strimzi.io": "the records in it"},
}

group(object) := split(object.apiVersion, "/")[0] if contains(object.apiVersion, "/")

group(object) := "" if not contains(object.apiVersion, "/")

# The old object, where it goes.
gone(change) := change.object if change.change == "removed"

gone(change) := change.was if change.change == "renamed"

deny contains {"msg": msg, "object": object, "path": []} if {
	some change in input.facts.change.objects
	object := gone(change)
	what := holds[object.kind][group(object)]
	msg := sprintf("it goes, and with it %s", [what])
}

deny contains {"msg": msg, "object": change.object, "path": field.path} if {
	some change in input.facts.change.objects
	change.change == "changed"
	some field in change.fields
	field.path[count(field.path) - 1] in {"persistentVolumeReclaimPolicy", "whenDeleted", "whenScaled"}
	field.new == "Delete"
	msg := sprintf("%s is Delete now, so the data goes with what uses it", [field.path[count(field.path) - 1]])
}

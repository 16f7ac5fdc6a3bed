# METADATA
# title: StorageClasses are spelt as those that are here
# description: >-
#   The name of the StorageClass is almost that of one among the manifests, but not quite: the claim stays
#   Pending. Other classes belong to the cluster and are not judged.
# custom:
#   kinds: [PersistentVolumeClaim]
#   needs: [facts.dangling]
#   fix: true
#   help: >-
#     Correct storageClassName.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: PersistentVolumeClaim
#       metadata: {name: data, namespace: shop}
#       spec: {accessModes: [ReadWriteOnce], storageClassName: fast, resources: {requests: {storage: 1Gi}}}
#       ---
#       apiVersion: storage.k8s.io/v1
#       kind: StorageClass
#       metadata: {name: fast}
#       provisioner: example.com/disk
#       ---
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web, namespace: shop}
#       spec:
#         template:
#           metadata: {labels: {app: web}}
#           spec:
#             containers:
#               - {name: web, image: example/web:1}
#     bad: |
#       apiVersion: v1
#       kind: PersistentVolumeClaim
#       metadata: {name: data, namespace: shop}
#       spec: {accessModes: [ReadWriteOnce], storageClassName: fsat, resources: {requests: {storage: 1Gi}}}
#       ---
#       apiVersion: storage.k8s.io/v1
#       kind: StorageClass
#       metadata: {name: fast}
#       provisioner: example.com/disk
#       ---
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web, namespace: shop}
#       spec:
#         template:
#           metadata: {labels: {app: web}}
#           spec:
#             containers:
#               - {name: web, image: example/web:1}
package kubevet.references.storage_class

import data.kubevet.lib.reference
import rego.v1

deny contains {"msg": msg, "path": dangling.path, "fix": reference.renamed(dangling)} if {
	some dangling in input.facts.dangling
	dangling.kind == "StorageClass"
	msg := concat("", [sprintf("StorageClass %s does not exist", [dangling.name]), reference.did_you_mean(dangling)])
}

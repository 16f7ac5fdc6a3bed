# METADATA
# title: Every PersistentVolumeClaim that is mounted is there
# description: >-
#   A Pod that mounts a claim that does not exist stays Pending. Claims from volumeClaimTemplates have volumes of
#   their own and are not meant here.
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, Job, CronJob]
#   needs: [facts.dangling]
#   fix: true
#   help: >-
#     Correct claimName or add the PersistentVolumeClaim to the same namespace.
#   examples:
#     good: |
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web, namespace: shop}
#       spec:
#         template:
#           metadata: {labels: {app: web}}
#           spec:
#             volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
#             containers:
#               - {name: web, image: example/web:1}
#       ---
#       apiVersion: v1
#       kind: PersistentVolumeClaim
#       metadata: {name: data, namespace: shop}
#       spec: {accessModes: [ReadWriteOnce], storageClassName: fast, resources: {requests: {storage: 1Gi}}}
#     bad: |
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web, namespace: shop}
#       spec:
#         template:
#           metadata: {labels: {app: web}}
#           spec:
#             volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
#             containers:
#               - {name: web, image: example/web:1}
package kubevet.references.pvc

import data.kubevet.lib.reference
import rego.v1

deny contains reference.missing_object(dangling) if {
	some dangling in input.facts.dangling
	dangling.kind == "PersistentVolumeClaim"
	not dangling.key
}

# METADATA
# title: Every ConfigMap that is needed is there
# description: >-
#   A container whose environment or volume names a ConfigMap that does not exist never starts. References that are
#   optional pass, and so do ConfigMaps that an operator makes (policies/products.yaml). A generated ConfigMap is
#   found by the name with its hash, which Kustomize puts into every reference that it knows.
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, Job, CronJob]
#   needs: [facts.dangling]
#   fix: true
#   help: >-
#     Correct the name, add the ConfigMap or a configMapGenerator for it, or say optional: true if the Pod can do
#     without.
#   examples:
#     good: |
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web, namespace: shop}
#       spec:
#         template:
#           metadata: {labels: {app: web}}
#           spec:
#             containers:
#               - {name: web, image: example/web:1, envFrom: [{configMapRef: {name: settings}}]}
#       ---
#       apiVersion: v1
#       kind: ConfigMap
#       metadata: {name: settings, namespace: shop}
#       data: {LEVEL: info}
#     bad: |
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web, namespace: shop}
#       spec:
#         template:
#           metadata: {labels: {app: web}}
#           spec:
#             containers:
#               - {name: web, image: example/web:1, envFrom: [{configMapRef: {name: setings}}]}
#       ---
#       apiVersion: v1
#       kind: ConfigMap
#       metadata: {name: settings, namespace: shop}
#       data: {LEVEL: info}
package kubevet.references.configmap

import data.kubevet.lib.reference
import rego.v1

deny contains reference.missing_object(dangling) if {
	some dangling in input.facts.dangling
	dangling.kind == "ConfigMap"
	not dangling.key
}

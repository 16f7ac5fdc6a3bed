# METADATA
# title: Every Secret that is needed is there, or something makes it
# description: >-
#   A container whose environment or volume names a Secret that does not exist never starts; an Ingress without its
#   certificate serves a wrong one. A Secret, a secretGenerator, an ExternalSecret, a SealedSecret, a Certificate
#   or another resource of policies/products.yaml provides it. Optional references pass.
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, Job, CronJob, Ingress, ServiceAccount]
#   needs: [facts.dangling]
#   fix: true
#   help: >-
#     Correct the name, or add the ExternalSecret (or whatever makes Secrets here) whose target it is. For an
#     operator that kubevet does not know, add a row to policies/products.yaml.
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
#               - {name: web, image: example/web:1, envFrom: [{secretRef: {name: login}}]}
#       ---
#       apiVersion: external-secrets.io/v1
#       kind: ExternalSecret
#       metadata: {name: login, namespace: shop}
#       spec:
#         data: [{secretKey: password, remoteRef: {key: shop}}]
#     bad: |
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web, namespace: shop}
#       spec:
#         template:
#           metadata: {labels: {app: web}}
#           spec:
#             containers:
#               - {name: web, image: example/web:1, envFrom: [{secretRef: {name: login}}]}
package kubevet.references.secret

import data.kubevet.lib.reference
import rego.v1

deny contains reference.missing_object(dangling) if {
	some dangling in input.facts.dangling
	dangling.kind == "Secret"
	not dangling.key
}

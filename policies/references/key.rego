# METADATA
# title: ConfigMaps and Secrets have the keys that are asked of them
# description: >-
#   The object is there, but lacks a key that an environment variable, an item of a volume or a subPath names: the
#   container does not start, or finds an empty directory where it wants a file. Keys that an operator adds are known
#   from policies/products.yaml; where they can't be known (dataFrom of an ExternalSecret), nothing is reported.
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, Job, CronJob]
#   needs: [facts.dangling]
#   fix: true
#   help: >-
#     Correct the key, add it to the object or to the generator, or say `optional: true` if the Pod can do without.
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
#               - {name: web, image: example/web:1, env: [{name: P, valueFrom: {secretKeyRef: {name: login, key: password}}}]}
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
#               - {name: web, image: example/web:1, env: [{name: P, valueFrom: {secretKeyRef: {name: login, key: pasword}}}]}
#       ---
#       apiVersion: external-secrets.io/v1
#       kind: ExternalSecret
#       metadata: {name: login, namespace: shop}
#       spec:
#         data: [{secretKey: password, remoteRef: {key: shop}}]
package kubevet.references.key

import data.kubevet.lib.reference
import rego.v1

deny contains {"msg": msg, "path": dangling.path, "fix": reference.renamed(dangling)} if {
	some dangling in input.facts.dangling
	dangling.key
	text := sprintf("%s %s/%s has no key %q", [dangling.kind, dangling.namespace, dangling.name, dangling.key])
	msg := concat("", [text, reference.did_you_mean(dangling)])
}

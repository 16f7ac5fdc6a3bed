# METADATA
# title: Hosts in the configuration are Services that are there
# description: >-
#   A URL, or a variable such as DB_HOST with its DB_PORT, names a host of this namespace (one word) or of another one
#   that is here (name.namespace.svc), and no Service has that name. Hosts elsewhere, addresses, files and what operators
#   make are not judged.
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, Job, CronJob]
#   needs: [facts.dangling]
#   fix: true
#   help: Correct the host, or add the Service. For an operator that kubevet does not know, add a row to policies/products.yaml.
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
#               - {name: web, image: example/web:1, env: [{name: DB_URL, value: 'postgresql://db/shop'}]}
#       ---
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: db, namespace: shop}
#       spec:
#         template:
#           metadata: {labels: {app: db}}
#           spec:
#             containers:
#               - {name: db, image: example/db:1}
#       ---
#       apiVersion: v1
#       kind: Service
#       metadata: {name: db, namespace: shop}
#       spec: {selector: {app: db}, ports: [{port: 5432}]}
#     bad: |
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web, namespace: shop}
#       spec:
#         template:
#           metadata: {labels: {app: web}}
#           spec:
#             containers:
#               - {name: web, image: example/web:1, env: [{name: DB_URL, value: 'postgresql://db/shop'}]}
#       ---
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: db, namespace: shop}
#       spec:
#         template:
#           metadata: {labels: {app: db}}
#           spec:
#             containers:
#               - {name: db, image: example/db:1}
#       ---
#       apiVersion: v1
#       kind: Service
#       metadata: {name: database, namespace: shop}
#       spec: {selector: {app: db}, ports: [{port: 5432}]}
package kubevet.references.host

import data.kubevet.lib.reference
import rego.v1

deny contains object.union(reference.missing_object(dangling), {"related": reference.source(dangling)}) if {
	some dangling in input.facts.dangling
	dangling.kind == "Service"
	not dangling.port
	dangling.path != ["spec", "serviceName"]
}

# METADATA
# title: Ports in the configuration are ports of the Service
# description: >-
#   A URL names a Service that is there and a port that the Service does not have, so the connection is refused. What
#   counts is the port of the Service, not that of the Pods; headless Services have the ports of their Pods.
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, Job, CronJob]
#   needs: [facts.dangling]
#   help: Use a port of the Service, or add this one to it.
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
#       metadata: {name: db, namespace: shop}
#       spec: {selector: {app: db}, ports: [{port: 5433}]}
package kubevet.references.host_port

import data.kubevet.lib.reference
import rego.v1

deny contains {"msg": msg, "path": dangling.path, "related": reference.source(dangling)} if {
	some dangling in input.facts.dangling
	dangling.kind == "Service"
	dangling.port
	msg := sprintf("Service %s/%s has no port %s", [dangling.namespace, dangling.name, dangling.port])
}

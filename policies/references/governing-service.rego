# METADATA
# title: The Service that gives a StatefulSet's Pods their names is there
# description: >-
#   The Pods of a StatefulSet are called POD.SERVICE, with the Service that serviceName names. If that does not
#   exist, members of a cluster do not find each other.
# custom:
#   kinds: [StatefulSet]
#   needs: [facts.dangling]
#   fix: true
#   help: >-
#     Correct serviceName, or add the (headless) Service.
#   examples:
#     good: |
#       apiVersion: apps/v1
#       kind: StatefulSet
#       metadata: {name: db, namespace: shop}
#       spec:
#         serviceName: db
#         template:
#           metadata: {labels: {app: db}}
#           spec: {containers: [{name: db, image: example/db:1}]}
#       ---
#       apiVersion: v1
#       kind: Service
#       metadata: {name: db, namespace: shop}
#       spec: {clusterIP: None, selector: {app: db}, ports: [{port: 5432}]}
#     bad: |
#       apiVersion: apps/v1
#       kind: StatefulSet
#       metadata: {name: db, namespace: shop}
#       spec:
#         serviceName: db
#         template:
#           metadata: {labels: {app: db}}
#           spec: {containers: [{name: db, image: example/db:1}]}
package kubevet.references.governing_service

import data.kubevet.lib.reference
import rego.v1

deny contains reference.missing_object(dangling) if {
	some dangling in input.facts.dangling
	dangling.kind == "Service"
	dangling.path == ["spec", "serviceName"]
}

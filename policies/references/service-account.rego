# METADATA
# title: Every ServiceAccount that Pods run as is there
# description: >-
#   The API server refuses Pods whose ServiceAccount does not exist, so a workload that names a wrong one has no
#   Pods at all. The account default is in every namespace.
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, Job, CronJob, RoleBinding, ClusterRoleBinding]
#   needs: [facts.dangling]
#   fix: true
#   help: >-
#     Correct serviceAccountName or add the ServiceAccount to the same namespace.
#   examples:
#     good: |
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web, namespace: shop}
#       spec:
#         template:
#           metadata: {labels: {app: web}}
#           spec:
#             serviceAccountName: robot
#             containers:
#               - {name: web, image: example/web:1}
#       ---
#       apiVersion: v1
#       kind: ServiceAccount
#       metadata: {name: robot, namespace: shop}
#     bad: |
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web, namespace: shop}
#       spec:
#         template:
#           metadata: {labels: {app: web}}
#           spec:
#             serviceAccountName: robot
#             containers:
#               - {name: web, image: example/web:1}
package kubevet.references.service_account

import data.kubevet.lib.reference
import rego.v1

deny contains reference.missing_object(dangling) if {
	some dangling in input.facts.dangling
	dangling.kind == "ServiceAccount"
	not dangling.key
}

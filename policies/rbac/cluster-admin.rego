# METADATA
# title: Nobody is bound to cluster-admin
# description: >-
#   cluster-admin may do everything in the cluster (or, by a RoleBinding, in the namespace). An application that has it
#   makes every bug in it a bug of the cluster.
# custom:
#   kinds: [RoleBinding, ClusterRoleBinding]
#   help: >-
#     Write a role with what is needed and bind that.
#   examples:
#     good: |
#       apiVersion: rbac.authorization.k8s.io/v1
#       kind: RoleBinding
#       metadata: {name: app, namespace: shop}
#       roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: app}
#       subjects: [{kind: ServiceAccount, name: app}]
#     bad: |
#       apiVersion: rbac.authorization.k8s.io/v1
#       kind: RoleBinding
#       metadata: {name: app, namespace: shop}
#       roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
#       subjects: [{kind: ServiceAccount, name: app}]
package kubevet.rbac.cluster_admin

import data.kubevet.lib.workload
import rego.v1

deny contains {"msg": msg, "path": ["roleRef", "name"]} if {
	input.kind in {"ClusterRoleBinding", "RoleBinding"}
	workload.group == "rbac.authorization.k8s.io"
	input.roleRef.kind == "ClusterRole"
	input.roleRef.name == "cluster-admin"
	msg := sprintf("the %s gives cluster-admin", [input.kind])
}

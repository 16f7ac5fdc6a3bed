# METADATA
# title: No role is given to a default ServiceAccount
# description: >-
#   Every Pod that names no ServiceAccount runs as its namespace's default one, so this gives the role to Pods that
#   nobody has thought of.
# custom:
#   kinds: [RoleBinding, ClusterRoleBinding]
#   help: >-
#     Make a ServiceAccount for the workload and bind that.
#   examples:
#     good: |
#       apiVersion: rbac.authorization.k8s.io/v1
#       kind: RoleBinding
#       metadata: {name: app, namespace: shop}
#       roleRef: {kind: Role, name: app}
#       subjects: [{kind: ServiceAccount, name: app}]
#     bad: |
#       apiVersion: rbac.authorization.k8s.io/v1
#       kind: RoleBinding
#       metadata: {name: app, namespace: shop}
#       roleRef: {kind: Role, name: app}
#       subjects: [{kind: ServiceAccount, name: default}]
package kubevet.rbac.default_service_account

import data.kubevet.lib.rbac
import rego.v1

deny contains {"msg": "the role is given to a default ServiceAccount", "path": array.concat(entry.path, ["name"])} if {
	some entry in rbac.subjects
	entry.subject.kind == "ServiceAccount"
	entry.subject.name == "default"
}

# METADATA
# title: No role is given to everyone
# description: >-
#   The groups system:anonymous, system:unauthenticated, system:authenticated and system:serviceaccounts (of all
#   namespaces) are everyone, or everyone with any token.
# custom:
#   kinds: [RoleBinding, ClusterRoleBinding]
#   help: >-
#     Bind the ServiceAccounts or groups that need the role.
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
#       subjects: [{kind: Group, name: "system:authenticated"}]
package kubevet.rbac.everyone

import data.kubevet.lib.rbac
import rego.v1

deny contains {"msg": msg, "path": array.concat(entry.path, ["name"])} if {
	some entry in rbac.subjects
	entry.subject.name in {"system:anonymous", "system:authenticated", "system:serviceaccounts", "system:unauthenticated"}
	entry.subject.kind in {"Group", "User"}
	msg := sprintf("the role is given to everyone (%s)", [entry.subject.name])
}

# METADATA
# title: Roles that are bound are there
# description: >-
#   A binding to a role that does not exist gives nobody anything, and nobody is told. Roles are looked for in
#   the binding's namespace; many ClusterRoles come with the cluster, so one is only reported where its name is
#   almost that of one that is here.
# custom:
#   kinds: [RoleBinding, ClusterRoleBinding]
#   needs: [facts.dangling]
#   fix: true
#   help: >-
#     Correct roleRef (bindings must be made anew for that), or add the role.
#   examples:
#     good: |
#       apiVersion: rbac.authorization.k8s.io/v1
#       kind: RoleBinding
#       metadata: {name: robot, namespace: shop}
#       roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
#       subjects: [{kind: ServiceAccount, name: robot, namespace: shop}]
#       ---
#       apiVersion: rbac.authorization.k8s.io/v1
#       kind: Role
#       metadata: {name: reader, namespace: shop}
#       rules: [{apiGroups: [''], resources: [pods], verbs: [get]}]
#       ---
#       apiVersion: v1
#       kind: ServiceAccount
#       metadata: {name: robot, namespace: shop}
#       ---
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web, namespace: shop}
#       spec:
#         template:
#           metadata: {labels: {app: web}}
#           spec:
#             containers:
#               - {name: web, image: example/web:1}
#     bad: |
#       apiVersion: rbac.authorization.k8s.io/v1
#       kind: RoleBinding
#       metadata: {name: robot, namespace: shop}
#       roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: raeder}
#       subjects: [{kind: ServiceAccount, name: robot, namespace: shop}]
#       ---
#       apiVersion: rbac.authorization.k8s.io/v1
#       kind: Role
#       metadata: {name: reader, namespace: shop}
#       rules: [{apiGroups: [''], resources: [pods], verbs: [get]}]
#       ---
#       apiVersion: v1
#       kind: ServiceAccount
#       metadata: {name: robot, namespace: shop}
#       ---
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web, namespace: shop}
#       spec:
#         template:
#           metadata: {labels: {app: web}}
#           spec:
#             containers:
#               - {name: web, image: example/web:1}
package kubevet.references.role

import data.kubevet.lib.reference
import rego.v1

deny contains {"msg": msg, "path": dangling.path, "fix": reference.renamed(dangling)} if {
	some dangling in input.facts.dangling
	dangling.kind in {"Role", "ClusterRole"}
	msg := concat("", [sprintf("%s %s does not exist", [dangling.kind, dangling.name]), reference.did_you_mean(dangling)])
}

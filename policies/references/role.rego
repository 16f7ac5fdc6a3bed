# METADATA
# title: Roles that are bound are there
# description: >-
#   A binding to a role that does not exist gives nobody anything, and nobody is told. Roles are looked for in
#   the binding's namespace; many ClusterRoles come with the cluster, so one is only reported where its name is
#   almost that of one that is here.
# custom:
#   kinds: [RoleBinding, ClusterRoleBinding]
#   help: >-
#     Correct roleRef (bindings must be made anew for that), or add the role.
package kubevet.references.role

import data.kubevet.lib.reference
import rego.v1

deny contains {"msg": msg, "path": dangling.path} if {
	some dangling in input.facts.dangling
	dangling.kind in {"Role", "ClusterRole"}
	msg := concat("", [sprintf("%s %s does not exist", [dangling.kind, dangling.name]), reference.did_you_mean(dangling)])
}

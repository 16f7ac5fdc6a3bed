# METADATA
# title: No role lets its holder take more rights
# description: >-
#   The verbs escalate and bind lift the rule that nobody can grant more than they have; impersonate makes its holder
#   anyone. Rules for named roles or users (resourceNames) pass.
# custom:
#   kinds: [Role, ClusterRole]
#   help: >-
#     Remove the verb, or name what it is for with resourceNames.
#   examples:
#     good: |
#       apiVersion: rbac.authorization.k8s.io/v1
#       kind: Role
#       metadata: {name: app}
#       rules: [{apiGroups: [rbac.authorization.k8s.io], resources: [roles], verbs: [get]}]
#     bad: |
#       apiVersion: rbac.authorization.k8s.io/v1
#       kind: Role
#       metadata: {name: app}
#       rules: [{apiGroups: [rbac.authorization.k8s.io], resources: [roles], verbs: [escalate]}]
package kubevet.rbac.escalate

import data.kubevet.lib.rbac
import rego.v1

deny contains {"msg": msg, "path": array.concat(entry.path, ["verbs"])} if {
	some entry in rbac.rules
	some verb in ["bind", "escalate", "impersonate"]
	verb in entry.verbs
	count(entry.names) == 0
	msg := sprintf("the role lets its holder take more rights (%s)", [verb])
}

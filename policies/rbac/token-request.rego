# METADATA
# title: No role makes tokens for ServiceAccounts
# description: >-
#   Who may create serviceaccounts/token can become any ServiceAccount of the namespace. A rule that names the
#   ServiceAccounts (resourceNames) passes.
# custom:
#   kinds: [Role, ClusterRole]
#   help: >-
#     Name the ServiceAccounts with resourceNames.
#   examples:
#     good: |
#       apiVersion: rbac.authorization.k8s.io/v1
#       kind: Role
#       metadata: {name: app}
#       rules: [{apiGroups: [""], resources: [configmaps], verbs: [get]}]
#     bad: |
#       apiVersion: rbac.authorization.k8s.io/v1
#       kind: Role
#       metadata: {name: app}
#       rules: [{apiGroups: [""], resources: [serviceaccounts/token], verbs: [create]}]
package kubevet.rbac.token_request

import data.kubevet.lib.rbac
import rego.v1

deny contains {"msg": msg, "path": array.concat(entry.path, ["resources"])} if {
	some entry in rbac.rules
	some resource in {"serviceaccounts/token"}
	rbac.grants(entry, "", resource, {"create"})
	count(entry.names) == 0
	msg := sprintf("the role may make tokens for every ServiceAccount (%s)", [resource])
}

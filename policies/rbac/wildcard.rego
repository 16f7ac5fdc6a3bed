# METADATA
# title: No role grants a wildcard
# description: >-
#   A `*` grants what exists today and whatever a later version or operator adds. Nobody can review it.
# custom:
#   kinds: [Role, ClusterRole]
#   help: >-
#     List the API groups, resources and verbs that are needed.
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
#       rules: [{apiGroups: [""], resources: ["*"], verbs: [get]}]
package kubevet.rbac.wildcard

import data.kubevet.lib.rbac
import rego.v1

deny contains {"msg": msg, "path": array.concat(entry.path, [field])} if {
	some entry in rbac.rules
	some field, values in {"apiGroups": entry.groups, "resources": entry.resources, "verbs": entry.verbs, "nonResourceURLs": entry.urls}
	"*" in values
	msg := sprintf("the role grants all %s (*)", [field])
}

# METADATA
# title: No role reads all Secrets
# description: >-
#   Who may get, list or watch the Secrets of a namespace has every credential in it. A rule that names the Secrets it is
#   for (resourceNames) passes.
# custom:
#   kinds: [Role, ClusterRole]
#   help: >-
#     Name the Secrets with resourceNames, or mount them into the Pod that needs them.
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
#       rules: [{apiGroups: [""], resources: [secrets], verbs: [get]}]
package kubevet.rbac.read_secrets

import data.kubevet.lib.rbac
import rego.v1

deny contains {"msg": msg, "path": array.concat(entry.path, ["resources"])} if {
	some entry in rbac.rules
	some resource in {"secrets"}
	rbac.grants(entry, "", resource, {"get", "list", "watch"})
	count(entry.names) == 0
	msg := sprintf("the role may read every Secret (%s)", [resource])
}

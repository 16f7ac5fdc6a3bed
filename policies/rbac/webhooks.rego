# METADATA
# title: No role changes admission webhooks
# description: >-
#   Who may change webhook configurations can read and rewrite every object that is sent to the API server, or switch the
#   checks off.
# custom:
#   kinds: [Role, ClusterRole]
#   help: >-
#     Remove the resource, or name the configurations with resourceNames and allow no more than patch on them.
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
#       rules: [{apiGroups: ["admissionregistration.k8s.io"], resources: [mutatingwebhookconfigurations], verbs: [create]}]
package kubevet.rbac.webhooks

import data.kubevet.lib.rbac
import rego.v1

deny contains {"msg": msg, "path": array.concat(entry.path, ["resources"])} if {
	some entry in rbac.rules
	some resource in {"mutatingwebhookconfigurations", "validatingwebhookconfigurations"}
	rbac.grants(entry, "admissionregistration.k8s.io", resource, {"create", "delete", "deletecollection", "patch", "update"})
	count(entry.names) == 0
	msg := sprintf("the role may change admission webhooks (%s)", [resource])
}

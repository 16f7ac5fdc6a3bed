# METADATA
# title: No role runs commands in Pods
# description: >-
#   pods/exec, pods/attach and ephemeral containers give a shell in any Pod of the namespace, with its token, its Secrets
#   and its network.
# custom:
#   kinds: [Role, ClusterRole]
#   help: >-
#     Remove the resource; give it to people for the time they need it.
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
#       rules: [{apiGroups: [""], resources: [pods/exec], verbs: [create]}]
package kubevet.rbac.exec

import data.kubevet.lib.rbac
import rego.v1

deny contains {"msg": msg, "path": array.concat(entry.path, ["resources"])} if {
	some entry in rbac.rules
	some resource in {"pods/exec", "pods/attach", "pods/ephemeralcontainers"}
	rbac.grants(entry, "", resource, {"create", "get", "patch", "update"})
	msg := sprintf("the role may get into running Pods (%s)", [resource])
}

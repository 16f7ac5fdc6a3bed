# METADATA
# title: No role reaches kubelets through the API server
# description: >-
#   nodes/proxy gives the kubelet's API, which runs commands in every Pod of the node and bypasses admission and audit.
# custom:
#   kinds: [Role, ClusterRole]
#   help: >-
#     Remove nodes/proxy; metrics need nodes/metrics only.
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
#       rules: [{apiGroups: [""], resources: [nodes/proxy], verbs: [create]}]
package kubevet.rbac.node_proxy

import data.kubevet.lib.rbac
import rego.v1

deny contains {"msg": msg, "path": array.concat(entry.path, ["resources"])} if {
	some entry in rbac.rules
	some resource in {"nodes/proxy"}
	rbac.grants(entry, "", resource, {"create", "get", "patch", "update"})
	msg := sprintf("the role may reach kubelets (%s)", [resource])
}

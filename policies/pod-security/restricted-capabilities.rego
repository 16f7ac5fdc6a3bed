# METADATA
# title: Containers drop all capabilities
# description: >-
#   A container starts with the runtime's default capabilities, most of which no application needs. It must drop ALL, in
#   capitals, and may add only NET_BIND_SERVICE. Part of the Pod Security Standard "restricted", which includes baseline.
#   Windows Pods are exempt.
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, PodTemplate, Job, CronJob]
#   needs: [facts.suspect.capabilities]
#   fix: true
#   help: >-
#     Set securityContext.capabilities.drop: [ALL] on the container, and add no more than NET_BIND_SERVICE.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         containers: [{name: app, securityContext: {capabilities: {drop: [ALL]}}}]
#     bad: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         containers: [{name: app}]
package kubevet.pod_security.restricted_capabilities

import data.kubevet.lib.fix
import data.kubevet.lib.security
import data.kubevet.lib.security.windows
import data.kubevet.lib.workload
import data.kubevet.pod_security.baseline_capabilities.allowed
import rego.v1

deny contains {"msg": msg, "path": path, "fix": drop} if {
	not windows
	some entry in workload.containers
	not drops_all(entry.container)
	path := security.setting_path(entry, ["capabilities", "drop"])
	drop := fix.safe_where(has_none(entry.container), "drop ALL capabilities", [{"add": path, "value": "ALL"}])
	msg := sprintf("%s does not drop ALL capabilities", [entry.label])
}

# The processes of another user than root have no capabilities, and where privileges can't grow they never get any.
has_none(container) if {
	security.runs_as_user(container, workload.spec)
	container.securityContext.allowPrivilegeEscalation == false
} else := false

# Capabilities outside of the default set are pod-security/baseline-capabilities'.
deny contains {"msg": msg, "path": path, "fix": fix.suggestion(sprintf("run without %v", [capability]), [{"remove": path}])} if {
	not windows
	some entry in workload.containers
	capability := entry.container.securityContext.capabilities.add[i]
	capability in allowed
	capability != "NET_BIND_SERVICE"
	path := security.setting_path(entry, ["capabilities", "add", i])
	msg := sprintf("%s adds the capability %v", [entry.label, capability])
}

drops_all(container) if container.securityContext.capabilities.drop[_] == "ALL"

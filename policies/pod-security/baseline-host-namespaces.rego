# METADATA
# title: No Pod shares a namespace of its node
# description: >-
#   With hostNetwork, hostPID or hostIPC a Pod sees the node's network, processes or shared memory, and NetworkPolicies
#   do not apply to a Pod on the host's network. Part of the Pod Security Standard "baseline".
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, PodTemplate, Job, CronJob]
#   keys: [hostIPC, hostNetwork, hostPID]
#   fix: true
#   help: >-
#     Remove hostNetwork, hostPID and hostIPC; reach the Pod through a Service.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         containers: [{name: app}]
#     bad: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         hostNetwork: true
#         containers: [{name: app}]
package kubevet.pod_security.baseline_host_namespaces

import data.kubevet.lib.fix
import data.kubevet.lib.workload
import rego.v1

deny contains {"msg": msg, "path": path, "fix": fix.suggestion(sprintf("run without %s", [field]), [{"remove": path}])} if {
	some field in ["hostIPC", "hostNetwork", "hostPID"]
	workload.spec[field] == true
	path := array.concat(workload.spec_path, [field])
	msg := sprintf("the Pod has %s: true", [field])
}

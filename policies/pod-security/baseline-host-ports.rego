# METADATA
# title: No container takes a port of its node
# description: >-
#   A hostPort is reachable past Services and NetworkPolicies, and lets only one such Pod run on a node. On the host's
#   network every container port is one. Part of the Pod Security Standard "baseline".
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, PodTemplate, Job, CronJob]
#   keys: [hostPort, hostNetwork]
#   fix: true
#   help: >-
#     Remove hostPort and reach the Pod through a Service.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         containers: [{name: app, ports: [{containerPort: 8080}]}]
#     bad: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         containers: [{name: app, ports: [{containerPort: 8080, hostPort: 8080}]}]
package kubevet.pod_security.baseline_host_ports

import data.kubevet.lib.fix
import data.kubevet.lib.workload
import rego.v1

deny contains {"msg": msg, "path": path, "fix": fix.suggestion("take no port of the node", [{"remove": path}])} if {
	some entry in workload.containers
	port := entry.container.ports[i]
	is_number(port.hostPort)
	port.hostPort != 0
	path := array.concat(entry.path, ["ports", i, "hostPort"])
	msg := sprintf("%s takes port %v of its node", [entry.label, port.hostPort])
}

# The API server fills in hostPort with hostNetwork.
deny contains {"msg": msg, "path": path, "fix": fix.suggestion("run without hostNetwork", [{"remove": shared}])} if {
	workload.spec.hostNetwork == true
	some entry in workload.containers
	port := entry.container.ports[i]
	object.get(port, "hostPort", 0) == 0
	path := array.concat(entry.path, ["ports", i])
	shared := array.concat(workload.spec_path, ["hostNetwork"])
	msg := sprintf("%s takes port %v of its node, as the Pod has hostNetwork: true", [entry.label, port.containerPort])
}

# METADATA
# title: No probe or hook names a host
# description: >-
#   The kubelet runs probes and lifecycle hooks from the node. With `host` set, a Pod makes it connect to any address
#   that the node can reach, past all NetworkPolicies. Part of the Pod Security Standard "baseline". Since 1.34.
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, PodTemplate, Job, CronJob]
#   keys: [host]
#   fix: true
#   help: >-
#     Remove host: the kubelet then uses the Pod's own address. Send a Host header with httpHeaders if the application
#     needs one.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         containers: [{name: app, livenessProbe: {httpGet: {port: 8080}}}]
#     bad: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         containers: [{name: app, livenessProbe: {httpGet: {port: 8080, host: 127.0.0.1}}}]
package kubevet.pod_security.baseline_probe_host

import data.kubevet.lib.fix
import data.kubevet.lib.parameters
import data.kubevet.lib.workload
import rego.v1

places := {
	["livenessProbe"], ["readinessProbe"], ["startupProbe"],
	["lifecycle", "postStart"], ["lifecycle", "preStop"],
}

deny contains {"msg": msg, "path": path, "fix": fix.suggestion("ask the Pod itself", [{"remove": path}])} if {
	parameters.at_least(34)
	some entry in workload.containers
	some place in places
	some handler in ["httpGet", "tcpSocket"]
	host := object.get(entry.container, array.concat(place, [handler, "host"]), "")
	not host in {"", null}
	path := array.concat(entry.path, array.concat(place, [handler, "host"]))
	msg := sprintf("%s has a host in its %s", [entry.label, place[count(place) - 1]])
}

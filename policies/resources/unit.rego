# METADATA
# title: Amounts of CPU and memory have units of their own
# description: >-
#   m stands for thousandths: memory of 128m is an eighth of a byte, where 128Mi was meant, and no container starts with a
#   limit of less than some megabytes. Mi stands for 1048576: a CPU of 100Mi is a hundred million cores, where 100m was
#   meant, and no node has them. The API server takes both.
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, PodTemplate, Job, CronJob]
#   keys: [resources]
#   help: >-
#     Write memory as 128Mi or 1Gi, and CPU as 100m or 1.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec: {containers: [{name: app, resources: {limits: {cpu: 100m, memory: 128Mi}}}]}
#     bad: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec: {containers: [{name: app, resources: {limits: {cpu: 100Mi, memory: 128m}}}]}
package kubevet.resources.unit

import data.kubevet.lib.workload
import rego.v1

deny contains {"msg": msg, "path": path} if {
	some entry in workload.containers
	some list in ["requests", "limits"]
	some resource in ["cpu", "memory"]
	amount := entry.container.resources[list][resource]
	meant := mistaken(resource, amount)
	path := array.concat(entry.path, ["resources", list, resource])
	msg := sprintf("%s of %s has a %s of %v, which is %s", [list, entry.label, resource, amount, meant])
}

mistaken("cpu", amount) := "more than a thousand cores; m stands for thousandths" if {
	is_string(amount)
	regex.match(`^[0-9.]+(k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)$`, amount)
}

mistaken("memory", amount) := "less than a mebibyte; Mi stands for mebibytes" if {
	bytes := in_bytes(amount)
	bytes > 0
	bytes < 1048576
}

# Only where no unit, or that of thousandths, says how much was meant.
in_bytes(amount) := amount if is_number(amount)

in_bytes(amount) := to_number(amount) if {
	is_string(amount)
	regex.match(`^[0-9]+$`, amount)
}

in_bytes(amount) := to_number(trim_suffix(amount, "m")) / 1000 if {
	is_string(amount)
	regex.match(`^[0-9]+m$`, amount)
}

# METADATA
# title: Amounts of CPU, memory and storage have units of their own
# description: >-
#   m stands for thousandths: memory of 128m is an eighth of a byte, where 128Mi was meant, and no container starts with a
#   limit of less than some megabytes. Mi stands for 1048576: a CPU of 100Mi is a hundred million cores, where 100m was
#   meant, and no node has them. The API server takes both, in containers, volumes and claims as in limits and quotas.
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, PodTemplate, Job, CronJob, PersistentVolumeClaim, LimitRange, ResourceQuota]
#   keys: [resources, sizeLimit, limits, hard]
#   fix: true
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

import data.kubevet.lib.fix
import data.kubevet.lib.workload
import rego.v1

deny contains {"msg": msg, "path": entry.path, "fix": better(entry)} if {
	some entry in amounts
	meant := mistaken(entry.resource, entry.least, entry.amount)
	msg := sprintf("%s has a %s of %v, which is %s", [entry.label, entry.name, entry.amount, meant])
}

# Of containers: no program runs in less than a mebibyte.
amounts contains {"label": label, "name": resource, "resource": resource, "least": least, "amount": amount, "path": path} if {
	some entry in workload.containers
	some list in ["requests", "limits"]
	some resource, least in {"cpu": 0, "memory": 1048576, "ephemeral-storage": 1024}
	amount := entry.container.resources[list][resource]
	path := array.concat(entry.path, ["resources", list, resource])
	label := sprintf("%s of %s", [list, entry.label])
}

amounts contains {"label": label, "name": "sizeLimit", "resource": "memory", "least": 1024, "amount": amount, "path": path} if {
	volume := workload.spec.volumes[i]
	amount := volume.emptyDir.sizeLimit
	path := array.concat(workload.spec_path, ["volumes", i, "emptyDir", "sizeLimit"])
	label := sprintf("the volume %v", [volume.name])
}

amounts contains {"label": "the claim", "name": "storage", "resource": "storage", "least": 1024, "amount": amount, "path": path} if {
	input.kind == "PersistentVolumeClaim"
	path := ["spec", "resources", "requests", "storage"]
	amount := object.get(input, path, null)
}

amounts contains {"label": label, "name": "storage", "resource": "storage", "least": 1024, "amount": amount, "path": path} if {
	input.kind == "StatefulSet"
	claim := input.spec.volumeClaimTemplates[i]
	amount := claim.spec.resources.requests.storage
	path := ["spec", "volumeClaimTemplates", i, "spec", "resources", "requests", "storage"]
	label := sprintf("the claim template %v", [claim.metadata.name])
}

amounts contains {"label": label, "name": resource, "resource": resource, "least": 1024, "amount": amount, "path": path} if {
	input.kind == "LimitRange"
	limit := input.spec.limits[i]
	some field in ["default", "defaultRequest", "max", "min"]
	some resource in ["cpu", "memory", "ephemeral-storage", "storage"]
	amount := limit[field][resource]
	path := ["spec", "limits", i, field, resource]
	label := sprintf("%s of the limits of a %v", [field, limit.type])
}

amounts contains {"label": "the quota", "name": key, "resource": resource, "least": 1024, "amount": amount, "path": ["spec", "hard", key]} if {
	input.kind == "ResourceQuota"
	amount := input.spec.hard[key]
	parts := split(key, ".")
	resource := parts[count(parts) - 1]
	resource in {"cpu", "memory", "ephemeral-storage", "storage"}
}

# The same number in the units that were probably meant.
better(entry) := [fix.suggestion(sprintf("write %v", [amount]), [{"set": entry.path, "value": amount}]) |
	some suffix in units(entry)
	amount := sprintf("%s%s", [regex.replace(sprintf("%v", [entry.amount]), `[a-zA-Z]+$`, ""), suffix])
]

units(entry) := ["m"] if {
	entry.resource == "cpu"
} else := ["Mi"] if {
	endswith(sprintf("%v", [entry.amount]), "m")
} else := ["Mi", "Gi"]

mistaken("cpu", _, amount) := "more than a thousand cores; m stands for thousandths" if {
	is_string(amount)
	regex.match(`^[0-9.]+(k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)$`, amount)
}

mistaken(resource, least, amount) := sprintf("less than a %s; Mi stands for mebibytes", [small[least]]) if {
	resource != "cpu"
	bytes := in_bytes(amount)
	bytes > 0
	bytes < least
}

small := {1024: "kibibyte", 1048576: "mebibyte"}

in_bytes(amount) := amount if is_number(amount)

in_bytes(amount) := to_number(amount) if {
	is_string(amount)
	regex.match(`^[0-9]+$`, amount)
}

in_bytes(amount) := to_number(trim_suffix(amount, "m")) / 1000 if {
	is_string(amount)
	regex.match(`^[0-9]+m$`, amount)
}

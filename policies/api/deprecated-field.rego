# METADATA
# title: Nothing uses a field or annotation that is on its way out
# description: >-
#   Fields and annotations that the API server still accepts, with a warning or in silence, though they were replaced:
#   some have no effect any more, the others will have none in a later release.
# custom:
#   keys: [annotations, nodeSelector, nodeAffinity, topologySpreadConstraints, serviceAccount, cephfs, flexVolume, flocker,
#           gitRepo, glusterfs, quobyte, rbd, scaleIO, storageos, trafficDistribution, persistentVolumeReclaimPolicy,
#           allowedTopologies, externalID]
#   fix: true
#   help: >-
#     Use the field that the message names.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: PersistentVolumeClaim
#       metadata: {name: data}
#       spec: {storageClassName: fast}
#     bad: |
#       apiVersion: v1
#       kind: PersistentVolumeClaim
#       metadata: {name: data, annotations: {volume.beta.kubernetes.io/storage-class: fast}}
package kubevet.api.deprecated_field

import data.kubevet.lib.configuration
import data.kubevet.lib.fix
import data.kubevet.lib.parameters
import data.kubevet.lib.workload
import rego.v1

annotation_successors := {
	"kubernetes.io/enforce-mountable-secrets": "a namespace of its own for what may read the Secrets",
	"kubernetes.io/ingress.class": "spec.ingressClassName",
	"scheduler.alpha.kubernetes.io/critical-pod": "priorityClassName",
	"seccomp.security.alpha.kubernetes.io/pod": "securityContext.seccompProfile",
	"service.alpha.kubernetes.io/tolerate-unready-endpoints": "spec.publishNotReadyAddresses",
	"service.kubernetes.io/topology-aware-hints": "spec.trafficDistribution",
	"volume.beta.kubernetes.io/storage-class": "spec.storageClassName",
}

prefix_successors := {
	"container.apparmor.security.beta.kubernetes.io/": "securityContext.appArmorProfile",
	"container.seccomp.security.alpha.kubernetes.io/": "securityContext.seccompProfile",
}

node_label_successors := {
	"beta.kubernetes.io/arch": "kubernetes.io/arch",
	"beta.kubernetes.io/instance-type": "node.kubernetes.io/instance-type",
	"beta.kubernetes.io/os": "kubernetes.io/os",
	"failure-domain.beta.kubernetes.io/region": "topology.kubernetes.io/region",
	"failure-domain.beta.kubernetes.io/zone": "topology.kubernetes.io/zone",
	"node-role.kubernetes.io/master": "node-role.kubernetes.io/control-plane",
}

deny contains {"msg": msg, "path": annotation.path, "fix": moved(annotation)} if {
	some annotation in configuration.annotations
	contains(annotation.name, ".")
	successor := successor_of(annotation.name)
	msg := sprintf("annotation %s is deprecated; use %s", [annotation.name, successor])
}

successor_of(name) := annotation_successors[name]

successor_of(name) := successor if {
	some prefix, successor in prefix_successors
	startswith(name, prefix)
}

deny contains {"msg": msg, "path": path, "fix": relabel} if {
	value := workload.spec.nodeSelector[label]
	successor := node_label_successors[label]
	path := array.concat(workload.spec_path, ["nodeSelector", label])
	edits := [{"remove": path}, {"set": array.concat(workload.spec_path, ["nodeSelector", successor]), "value": value}]
	relabel := fix.suggestion("use the newer label", edits)
	msg := sprintf("node label %s is deprecated; use %s", [label, successor])
}

deny contains {"msg": msg, "path": path, "fix": newer_label(path, successor)} if {
	label := workload.spec.topologySpreadConstraints[i].topologyKey
	successor := node_label_successors[label]
	path := array.concat(workload.spec_path, ["topologySpreadConstraints", i, "topologyKey"])
	msg := sprintf("node label %s is deprecated; use %s", [label, successor])
}

# Where nodes are chosen by expressions: by Pods, and by volumes that not every node reaches.
expressions contains {"label": expression.key, "path": array.concat(path, ["matchExpressions", i, "key"])} if {
	some [term, path] in node_terms
	some i, expression in term.matchExpressions
}

node_terms contains [term, path] if {
	field := "requiredDuringSchedulingIgnoredDuringExecution"
	term := workload.spec.affinity.nodeAffinity[field].nodeSelectorTerms[i]
	path := array.concat(workload.spec_path, ["affinity", "nodeAffinity", field, "nodeSelectorTerms", i])
}

node_terms contains [term, path] if {
	field := "preferredDuringSchedulingIgnoredDuringExecution"
	term := workload.spec.affinity.nodeAffinity[field][i].preference
	path := array.concat(workload.spec_path, ["affinity", "nodeAffinity", field, i, "preference"])
}

node_terms contains [term, path] if {
	input.kind == "PersistentVolume"
	term := input.spec.nodeAffinity.required.nodeSelectorTerms[i]
	path := ["spec", "nodeAffinity", "required", "nodeSelectorTerms", i]
}

expressions contains {"label": label, "path": ["allowedTopologies", i, "matchLabelExpressions", j, "key"]} if {
	input.kind == "StorageClass"
	label := input.allowedTopologies[i].matchLabelExpressions[j].key
}

deny contains {"msg": msg, "path": expression.path, "fix": newer_label(expression.path, successor)} if {
	some expression in expressions
	successor := node_label_successors[expression.label]
	msg := sprintf("node label %s is deprecated; use %s", [expression.label, successor])
}

deny contains {"msg": msg, "path": ["spec", "externalID"], "fix": fix.safe("remove it", [{"remove": ["spec", "externalID"]}])} if {
	input.kind == "Node"
	is_string(input.spec.externalID)
	msg := "externalID is deprecated, and nothing reads it"
}

# An alias that the API server keeps in step with serviceAccountName.
deny contains {"msg": msg, "path": path, "fix": fix.safe("use serviceAccountName", renamed_account(path))} if {
	is_string(workload.spec.serviceAccount)
	not is_same_account
	path := array.concat(workload.spec_path, ["serviceAccount"])
	msg := "serviceAccount is deprecated; use serviceAccountName"
}

is_same_account if workload.spec.serviceAccount == workload.spec.serviceAccountName

deny contains {"msg": msg, "path": path} if {
	some type in ["cephfs", "flexVolume", "flocker", "gitRepo", "glusterfs", "quobyte", "rbd", "scaleIO", "storageos"]
	workload.spec.volumes[i][type] != null
	path := array.concat(workload.spec_path, ["volumes", i, type])
	msg := sprintf("volume type %s is deprecated, or without a function already; use a CSI driver or an init container", [type])
}

deny contains {"msg": msg, "path": ["spec", "trafficDistribution"], "fix": same_zone} if {
	input.kind == "Service"
	workload.group == ""
	parameters.at_least(35)
	input.spec.trafficDistribution == "PreferClose"
	msg := "trafficDistribution: PreferClose is deprecated; use PreferSameZone"
}

deny contains {"msg": msg, "path": ["spec", "persistentVolumeReclaimPolicy"]} if {
	input.kind == "PersistentVolume"
	input.spec.persistentVolumeReclaimPolicy == "Recycle"
	msg := "persistentVolumeReclaimPolicy: Recycle is deprecated; use dynamic provisioning"
}

newer_label(path, successor) := fix.suggestion("use the newer label", [{"set": path, "value": successor}])

same_zone := fix.safe("use PreferSameZone", [{"set": ["spec", "trafficDistribution"], "value": "PreferSameZone"}])

# serviceAccountName counts where both are there.
renamed_account(path) := [{"remove": path}] if {
	workload.spec.serviceAccountName
} else := [
	{"remove": path},
	{"set": array.concat(workload.spec_path, ["serviceAccountName"]), "value": workload.spec.serviceAccount},
]

# Fields that took the place of annotations, and have the same value.
moved(annotation) := [fix.suggestion("use the field", [{"remove": annotation.path}, {"set": ["spec", field], "value": annotation.value}])] if {
	count(annotation.path) == 3
	field := fields[input.kind][annotation.name]
	not input.spec[field]
} else := []

fields := {
	"Ingress": {"kubernetes.io/ingress.class": "ingressClassName"},
	"PersistentVolumeClaim": {"volume.beta.kubernetes.io/storage-class": "storageClassName"},
}

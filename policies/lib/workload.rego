# METADATA
# title: Pods of every workload kind
# description: >-
#   Finds the Pod template in `input`, whatever the kind, and lists its containers with their paths, so that no rule
#   needs to know where a CronJob keeps its containers. Everything here is undefined for other kinds.
package kubevet.lib.workload

import rego.v1

# API group of an object: "apps" of apps/v1, "" of v1. A kind alone does not identify an object: Knative has a Service
# too.
group_of(object) := usual if {
	usual := usual_groups[object.apiVersion]
} else := split(object.apiVersion, "/")[0] if {
	is_string(object.apiVersion)
	contains(object.apiVersion, "/")
} else := "" if is_string(object.apiVersion)

# Spares most objects the calls above.
usual_groups := {"v1": "", "apps/v1": "apps", "batch/v1": "batch", "networking.k8s.io/v1": "networking.k8s.io"}

group := group_of(input)

# Namespaces that the cluster's own components live in, which whoever runs the cluster sets up.
system_namespaces := {"kube-node-lease", "kube-public", "kube-system"}

# Path from an object to its Pod (the mapping that holds metadata and spec of the Pod), by group and kind.
pod_paths := {
	"": {
		"Pod": [],
		"PodTemplate": ["template"],
		"ReplicationController": ["spec", "template"],
	},
	"apps": {
		"DaemonSet": ["spec", "template"],
		"Deployment": ["spec", "template"],
		"ReplicaSet": ["spec", "template"],
		"StatefulSet": ["spec", "template"],
	},
	"batch": {
		"CronJob": ["spec", "jobTemplate", "spec", "template"],
		"Job": ["spec", "template"],
	},
	"extensions": {
		"DaemonSet": ["spec", "template"],
		"Deployment": ["spec", "template"],
		"ReplicaSet": ["spec", "template"],
	},
}

pod_path := path if {
	paths := pod_paths[group]
	path := paths[input.kind]
}

pod := found if {
	found := object.get(input, pod_path, null)
	found != null
}

spec_path := array.concat(pod_path, ["spec"])

spec := pod.spec

# Lists of the manifest are indexed, not iterated with `some … in`: that is an error in regorus where the list is null.
# `a[b][c]` is taken in two steps, which regorus is faster at.

# Every container: its own mapping, its path in the object, its type as people call it, and a label for messages.
# A native sidecar is an init container with `restartPolicy: Always` (Kubernetes 1.28): it starts among the init
# containers and then runs as long as the Pod does.
containers := [entry |
	some field in ["containers", "initContainers", "ephemeralContainers"]
	list := spec[field]
	container := list[i]
	type := type_of(field, container)
	entry := {
		"container": container,
		"path": array.concat(spec_path, [field, i]),
		"type": type,
		"label": sprintf("%s %q", [type, object.get(container, "name", sprintf("#%d", [i]))]),
	}
]

type_of(field, container) := "sidecar" if {
	field == "initContainers"
	container.restartPolicy == "Always"
} else := types[field]

types := {"containers": "container", "initContainers": "init container", "ephemeralContainers": "ephemeral container"}

# True where the Pod is meant to run until someone stops it. Jobs, CronJobs and Pods that may complete are not.
long_running if input.kind in {"DaemonSet", "Deployment", "ReplicaSet", "ReplicationController", "StatefulSet"}

long_running if {
	input.kind == "Pod"
	object.get(spec, "restartPolicy", "Always") == "Always"
}

# The containers that run as long as a long-running Pod does, and so can be probed.
serving_containers := [entry |
	long_running
	some entry in containers
	entry.type in {"container", "sidecar"}
]

# METADATA
# title: Objects of an overlay
# description: >-
#   What rules with `scope: overlay` share: identities for findings, the replicated workloads with what keeps them
#   available, and indexes, so that no rule compares every object with every other.
package kubevet.lib.overlay

import data.kubevet.lib.selector
import data.kubevet.lib.workload
import rego.v1

# Who an object is, as findings name it. The namespace is null where the object names none.
identity(manifest) := {
	"apiVersion": own(manifest, "apiVersion"),
	"kind": own(manifest, "kind"),
	"namespace": object.get(manifest, ["metadata", "namespace"], null),
	"name": known_by(manifest),
}

# What is created with generateName has no other name yet.
known_by(manifest) := manifest.metadata.name if {
	is_string(manifest.metadata.name)
} else := object.get(manifest, ["metadata", "generateName"], "")

# A workload of another kind than Kubernetes' own is among the objects a second time, as the built-in kind that it behaves
# like (policies/workloads.yaml); `$of` says what it is.
own(manifest, field) := manifest["$of"][field] if {
	manifest["$of"]
} else := manifest[field]

namespace(object) := object.metadata.namespace if {
	is_string(object.metadata.namespace)
} else := null

name(object) := object.metadata.name if {
	is_string(object.metadata.name)
} else := ""

# The metadata of what is to be named as an object is, and to be where it is.
beside(manifest) := object.filter(object.get(manifest, "metadata", {}), ["name", "namespace"])

# "Kind/name", for messages.
title(object) := sprintf("%s/%s", [own(object, "kind"), name(object)])

# A key for an index of things that live in a namespace, all of which have as many parts.
key(space, parts) := concat("\n", parts) if {
	space == null
} else := concat("\n", array.concat([space], parts))

# Objects of one kind, by group and kind.
of_kind(group, kind) := [object |
	object := input.objects[_]
	object.kind == kind
	workload.group_of(object) == group
]

# Workloads that keep a number of interchangeable Pods running.
workloads := [entry |
	object := input.objects[_]
	object.kind in {"Deployment", "ReplicaSet", "ReplicationController", "StatefulSet"}
	object.apiVersion in {"apps/v1", "apps/v1beta1", "apps/v1beta2", "extensions/v1beta1", "v1"}
	entry := {
		"object": object,
		"namespace": namespace(object),
		"labels": pod_labels(object),
		"replicas": replicas(object),
		"least": least(object),
	}
]

# Functions here take the whole object: OPA and regorus disagree about a call with an undefined argument.
pod_labels(object) := object.spec.template.metadata.labels if {
	is_object(object.spec.template.metadata.labels)
} else := {}

# spec.replicas, or the API server's default; null for a text, which something fills in that is not seen here.
replicas(object) := object.spec.replicas if {
	is_number(object.spec.replicas)
} else := null if {
	is_string(object.spec.replicas)
} else := 1

# The number of Pods that the workload never goes below by itself: its HorizontalPodAutoscaler's minimum if it has one.
least(object) := floor if {
	autoscaler_floors != {}
	floor := min(autoscaler_floors[key(namespace(object), [own(object, "kind"), name(object)])])
} else := replicas(object)

# Target of a HorizontalPodAutoscaler -> minReplicas, of each one that there is.
autoscaler_floors[target] contains floor if {
	some autoscaler in autoscalers
	target := target_key(autoscaler)
	floor := object.get(autoscaler.spec, "minReplicas", 1)
}

autoscalers := of_kind("autoscaling", "HorizontalPodAutoscaler")

target_key(autoscaler) := key(namespace(autoscaler), [autoscaler.spec.scaleTargetRef.kind, autoscaler.spec.scaleTargetRef.name])

# Numbers of the workloads that a selector in a namespace may pick, by an index over the labels of their Pods.
candidates(space, label_selector) := object.get(by_label, key(space, [label, value]), set()) if {
	label := sort(object.keys(selector.mapping(label_selector, "matchLabels")))[0]
	value := label_selector.matchLabels[label]
	is_string(value)
} else := object.get(by_namespace, key(space, []), set())

by_label[place] contains i if {
	budgets != []
	some i, entry in workloads
	some label, value in entry.labels
	is_string(value)
	place := key(entry.namespace, [label, value])
}

by_namespace[place] contains i if {
	some i, entry in workloads
	place := key(entry.namespace, [])
}

budgets := of_kind("policy", "PodDisruptionBudget")

# Number of a budget -> numbers of the workloads whose Pods it selects.
budget_targets[i] := numbers if {
	some i, budget in budgets
	numbers := {n |
		label_selector := budget.spec.selector
		some n in candidates(namespace(budget), label_selector)
		selector.matches(label_selector, workloads[n].labels)
	}
}

# Number of a workload -> numbers of the budgets that select its Pods.
budgets_of[n] contains i if {
	some i, numbers in budget_targets
	some n in numbers
}

budgeted := {n | some n, _ in budgets_of}

package kubevet.lib.overlay_test

import data.kubevet.lib.overlay
import rego.v1

deployment(name, replicas, labels) := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {"name": name, "namespace": "shop"},
	"spec": {"replicas": replicas, "template": {"metadata": {"labels": labels}}},
}

autoscaler := {
	"apiVersion": "autoscaling/v2",
	"kind": "HorizontalPodAutoscaler",
	"metadata": {"name": "api", "namespace": "shop"},
	"spec": {"minReplicas": 3, "maxReplicas": 9, "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "api"}},
}

objects := {"objects": [
	deployment("api", null, {"app": "api", "tier": "web"}),
	deployment("web", 2, {"app": "web", "tier": "web"}),
	deployment("bare", 1, null),
	{"apiVersion": "example.com/v1", "kind": "Deployment", "metadata": {"name": "custom"}},
	autoscaler,
]}

test_identity if {
	overlay.identity(autoscaler) == {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "namespace": "shop", "name": "api"}
	overlay.identity({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a"}}).namespace == null
	overlay.identity({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"generateName": "a-"}}).name == "a-"
	overlay.identity({"apiVersion": "batch/v1", "kind": "Job", "metadata": {}}).name == ""
}

test_workloads if {
	found := overlay.workloads with input as objects
	[[overlay.name(entry.object), entry.replicas, entry.least] | some entry in found] == [["api", 1, 3], ["web", 2, 2], ["bare", 1, 1]]
}

budget(space, label_selector) := {
	"apiVersion": "policy/v1",
	"kind": "PodDisruptionBudget",
	"metadata": {"name": "b", "namespace": space},
	"spec": {"selector": label_selector},
}

with_budget(space, label_selector) := {"objects": array.concat(objects.objects, [budget(space, label_selector)])}

test_budget_by_label if {
	overlay.budget_targets == {0: {0}} with input as with_budget("shop", {"matchLabels": {"tier": "web", "app": "api"}})
	overlay.budgeted == {0} with input as with_budget("shop", {"matchLabels": {"tier": "web", "app": "api"}})
}

test_budget_by_expression if {
	expression := {"matchExpressions": [{"key": "tier", "operator": "Exists"}]}
	overlay.budget_targets == {0: {0, 1}} with input as with_budget("shop", expression)
}

test_budget_of_another_namespace if overlay.budget_targets == {0: set()} with input as with_budget("other", {})

test_budget_of_all if overlay.budget_targets == {0: {0, 1, 2}} with input as with_budget("shop", {})

test_budget_without_selector if overlay.budget_targets == {0: set()} with input as with_budget("shop", null)

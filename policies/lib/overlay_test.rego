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
}

test_workloads if {
	found := overlay.workloads with input as objects
	[[overlay.name(entry.object), entry.replicas, entry.least] | some entry in found] == [["api", 1, 3], ["web", 2, 2], ["bare", 1, 1]]
}

test_selected_by_label if {
	found := overlay.selected("shop", {"matchLabels": {"tier": "web", "app": "api"}}) with input as objects
	[overlay.name(entry.object) | some entry in found] == ["api"]
}

test_selected_by_expression if {
	found := overlay.selected("shop", {"matchExpressions": [{"key": "tier", "operator": "Exists"}]}) with input as objects
	count(found) == 2
}

test_selected_in_another_namespace if {
	found := overlay.selected("other", {}) with input as objects
	count(found) == 0
}

test_empty_selector_selects_all if {
	found := overlay.selected("shop", {}) with input as objects
	count(found) == 3
}

package kubevet.availability.pdb_missing_test

import data.kubevet.availability.pdb_missing
import rego.v1

deployment(name, spec) := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {"name": name, "namespace": "shop"},
	"spec": object.union({"template": {"metadata": {"labels": {"app": name}}}}, spec),
}

budget(name, spec) := {
	"apiVersion": "policy/v1",
	"kind": "PodDisruptionBudget",
	"metadata": {"name": name, "namespace": "shop"},
	"spec": object.union({"selector": {"matchLabels": {"app": "api"}}}, spec),
}

autoscaler(spec) := {
	"apiVersion": "autoscaling/v2",
	"kind": "HorizontalPodAutoscaler",
	"metadata": {"name": "api", "namespace": "shop"},
	"spec": object.union({"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "api"}}, spec),
}

test_fail if {
	some finding in pdb_missing.deny with input as {"objects": [deployment("api", {"replicas": 3})]}
	finding.msg == "3 replicas, but no PodDisruptionBudget: a drain may take all of them at once"
}

test_fail_budget_for_another if {
	count(pdb_missing.deny) == 1 with input as {"objects": [deployment("web", {"replicas": 3}), budget("api", {"maxUnavailable": 1})]}
}

test_fail_autoscaled if {
	count(pdb_missing.deny) == 1 with input as {"objects": [deployment("api", {}), autoscaler({"minReplicas": 2})]}
}

test_pass if {
	count(pdb_missing.deny) == 0 with input as {"objects": [deployment("api", {"replicas": 3}), budget("api", {"maxUnavailable": 1})]}
	count(pdb_missing.deny) == 0 with input as {"objects": [deployment("api", {"replicas": 1})]}
	count(pdb_missing.deny) == 0 with input as {"objects": [deployment("api", {"replicas": 3}), budget("api", {"selector": {}})]}
}

test_fix if {
	web := {
		"apiVersion": "apps/v1",
		"kind": "Deployment",
		"metadata": {"name": "web", "namespace": "shop", "labels": {"app": "web"}},
		"spec": {"replicas": 2, "selector": {"matchLabels": {"app": "web"}}, "template": {"metadata": {"labels": {"app": "web"}}}},
	}
	some finding in pdb_missing.deny with input as {"objects": [web]}
	finding.fix == [{"title": "add a PodDisruptionBudget", "safe": true, "edits": [{"create": {
		"apiVersion": "policy/v1",
		"kind": "PodDisruptionBudget",
		"metadata": {"name": "web", "namespace": "shop"},
		"spec": {"maxUnavailable": 1, "selector": {"matchLabels": {"app": "web"}}},
	}}]}]
}

test_no_fix_without_a_name if {
	some finding in pdb_missing.deny with input as {"objects": [{"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"replicas": 2, "selector": {}}}]}
	finding.fix == []
}

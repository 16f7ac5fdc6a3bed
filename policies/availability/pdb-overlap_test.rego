package kubevet.availability.pdb_overlap_test

import data.kubevet.availability.pdb_overlap
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

test_fail if {
	some finding in pdb_overlap.deny with input as {"objects": [deployment("api", {}), budget("a", {}), budget("b", {"selector": {}})]}
	finding.msg == "PodDisruptionBudgets a and b both select the Pods of Deployment/api, which then can never be evicted"
	finding.object.name == "b"
	finding.related[0].object.name == "a"
}

test_pass_apart if {
	web := object.union(budget("b", {}), {"spec": {"selector": {"matchLabels": {"app": "web"}}}})
	count(pdb_overlap.deny) == 0 with input as {"objects": [deployment("api", {}), deployment("web", {}), budget("a", {}), web]}
}

test_pass_in_namespaces_apart if {
	other := object.union(budget("b", {}), {"metadata": {"namespace": "other"}})
	count(pdb_overlap.deny) == 0 with input as {"objects": [deployment("api", {}), budget("a", {}), other]}
}

package kubevet.availability.pdb_selects_nothing_test

import data.kubevet.availability.pdb_selects_nothing
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
	pdb_selects_nothing.deny == {{
		"msg": "the PodDisruptionBudget selects no workload of its namespace",
		"path": ["spec", "selector"],
		"object": {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "namespace": "shop", "name": "api"},
	}} with input as {"objects": [deployment("web", {}), budget("api", {})]}
}

test_fail_other_namespace if {
	other := object.union(deployment("api", {}), {"metadata": {"namespace": "other"}})
	count(pdb_selects_nothing.deny) == 1 with input as {"objects": [other, deployment("web", {}), budget("api", {})]}
}

test_pass if {
	count(pdb_selects_nothing.deny) == 0 with input as {"objects": [deployment("api", {}), budget("api", {})]}
}

test_pass_without_workloads if count(pdb_selects_nothing.deny) == 0 with input as {"objects": [budget("api", {})]}

test_pass_pods_of_an_operator if {
	cluster := {"apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster", "metadata": {"name": "api", "namespace": "shop"}}
	count(pdb_selects_nothing.deny) == 0 with input as {"objects": [cluster, budget("api", {})]}
}

test_pass_daemonset if {
	daemons := {
		"apiVersion": "apps/v1",
		"kind": "DaemonSet",
		"metadata": {"name": "x", "namespace": "shop"},
		"spec": {"template": {"metadata": {"labels": {"app": "api"}}}},
	}
	count(pdb_selects_nothing.deny) == 0 with input as {"objects": [daemons, budget("api", {})]}
}

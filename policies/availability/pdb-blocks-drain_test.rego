package kubevet.availability.pdb_blocks_drain_test

import data.kubevet.availability.pdb_blocks_drain
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

with_budget(replicas, spec) := {"objects": [deployment("api", {"replicas": replicas}), budget("api", spec)]}

test_fail if {
	some finding in pdb_blocks_drain.deny with input as with_budget(1, {"minAvailable": 1})
	finding.msg == "minAvailable: 1 of 1 replicas allows no disruption, so a drain never ends"
	finding.path == ["spec", "minAvailable"]
}

test_neither_number if {
	every spec in [{}, {"minAvailable": null}] {
		found := {finding.path | some finding in pdb_blocks_drain.deny} with input as with_budget(3, spec)
		found == {["spec"]}
	}
}

test_fail_by_itself if {
	every spec in [{"maxUnavailable": 0}, {"maxUnavailable": "0%"}, {"minAvailable": "100%"}] {
		count(pdb_blocks_drain.deny) == 1 with input as with_budget(3, spec)
	}
}

test_fail_autoscaler_minimum if {
	count(pdb_blocks_drain.deny) == 1 with input as {"objects": [deployment("api", {}), budget("api", {"minAvailable": 2}), autoscaler({"minReplicas": 2})]}
}

test_fail_percentage_rounded_up if {
	every wanted, replicas in {"67%": 3, "75%": 2, "1%": 1, "91%": 10} {
		count(pdb_blocks_drain.deny) == 1 with input as with_budget(replicas, {"minAvailable": wanted})
	}
}

test_pass_percentage if {
	every wanted, replicas in {"66%": 3, "50%": 2, "0%": 1, "90%": 10} {
		count(pdb_blocks_drain.deny) == 0 with input as with_budget(replicas, {"minAvailable": wanted})
	}
}

test_pass if {
	every spec in [{"maxUnavailable": 1}, {"minAvailable": 2}, {"minAvailable": "50%"}] {
		count(pdb_blocks_drain.deny) == 0 with input as with_budget(3, spec)
	}
}

test_pass_autoscaler_minimum if {
	count(pdb_blocks_drain.deny) == 0 with input as {"objects": [deployment("api", {}), budget("api", {"minAvailable": 2}), autoscaler({"minReplicas": 3})]}
}

test_fix if {
	budget := {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "web"}, "spec": {"minAvailable": "100%"}}
	some finding in pdb_blocks_drain.deny with input as {"objects": [budget]}
	finding.fix.edits == [{"remove": ["spec", "minAvailable"]}, {"set": ["spec", "maxUnavailable"], "value": 1}]
}

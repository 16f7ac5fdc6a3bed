package kubevet.availability.rollout_downtime_test

import data.kubevet.availability.rollout_downtime
import rego.v1

deployment(name, spec) := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {"name": name, "namespace": "shop"},
	"spec": object.union({"template": {"metadata": {"labels": {"app": name}}}}, spec),
}

test_fail_recreate if {
	some finding in rollout_downtime.deny with input as {"objects": [deployment("api", {"replicas": 2, "strategy": {"type": "Recreate"}})]}
	finding.msg == "strategy Recreate takes all 2 replicas down at each rollout"
}

test_fail_max_unavailable if {
	every value in [2, 3, "100%"] {
		count(rollout_downtime.deny) == 1 with input as {"objects": [deployment("api", {"replicas": 2, "strategy": {"rollingUpdate": {"maxUnavailable": value}}})]}
	}
}

test_pass if {
	every value in [0, 1, "25%"] {
		count(rollout_downtime.deny) == 0 with input as {"objects": [deployment("api", {"replicas": 2, "strategy": {"rollingUpdate": {"maxUnavailable": value}}})]}
	}
	count(rollout_downtime.deny) == 0 with input as {"objects": [deployment("api", {"strategy": {"type": "Recreate"}})]}
}

edits_of(strategy) := finding.fix.edits if {
	web := {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": {"replicas": 3, "strategy": strategy}}
	some finding in rollout_downtime.deny with input as {"objects": [web]}
}

test_fix if {
	edits_of({"type": "Recreate"}) == [{"set": ["spec", "strategy", "type"], "value": "RollingUpdate"}]
	edits_of({"rollingUpdate": {"maxUnavailable": 3}}) == [{"set": ["spec", "strategy", "rollingUpdate", "maxUnavailable"], "value": 1}]
}

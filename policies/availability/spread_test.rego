package kubevet.availability.spread_test

import data.kubevet.availability.spread
import rego.v1

deployment(name, spec) := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {"name": name, "namespace": "shop"},
	"spec": object.union({"template": {"metadata": {"labels": {"app": name}}}}, spec),
}

test_fail if {
	some finding in spread.deny with input as {"objects": [deployment("api", {"replicas": 2})]}
	finding.msg == "nothing keeps the 2 replicas from landing on one node"
}

test_pass if {
	affinity := {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 100}]}}
	count(spread.deny) == 0 with input as {"objects": [deployment("api", {"replicas": 2, "template": {"spec": {"affinity": affinity}}})]}
	count(spread.deny) == 0 with input as {"objects": [deployment("api", {"replicas": 2, "template": {"spec": {"topologySpreadConstraints": [{}]}}})]}
	count(spread.deny) == 0 with input as {"objects": [deployment("api", {"replicas": 1})]}
}

test_fix if {
	web := {
		"apiVersion": "apps/v1",
		"kind": "Deployment",
		"metadata": {"name": "web"},
		"spec": {"replicas": 2, "selector": {"matchLabels": {"app": "web"}}, "template": {}},
	}
	some finding in spread.deny with input as {"objects": [web]}
	finding.fix == [{"title": "spread the replicas over nodes where that is possible", "safe": true, "edits": [{
		"add": ["spec", "template", "spec", "topologySpreadConstraints"],
		"value": {
			"maxSkew": 1,
			"topologyKey": "kubernetes.io/hostname",
			"whenUnsatisfiable": "ScheduleAnyway",
			"labelSelector": {"matchLabels": {"app": "web"}},
		},
	}]}]
}

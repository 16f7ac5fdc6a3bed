package kubevet.drift.availability_test

import data.kubevet.drift.availability
import rego.v1

lost(kind) := {"facts": {"lost": [{
	"kind": kind,
	"name": "PodDisruptionBudget",
	"object": {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "prod", "name": "a"},
	"path": ["spec", "template"],
	"before": {
		"environment": "staging",
		"object": {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "staging", "name": "a"},
		"path": ["spec", "template"],
	},
}]}}

test_fail if {
	some finding in availability.deny with input as lost("availability")
	finding.msg == "the workload lacks PodDisruptionBudget, which staging has"
}

test_pass_what_another_rule_is_about if {
	count(availability.deny) == 0 with input as lost("other")
}

test_pass_nothing_lost if {
	count(availability.deny) == 0 with input as {"facts": {"lost": []}}
	count(availability.deny) == 0 with input as {}
}

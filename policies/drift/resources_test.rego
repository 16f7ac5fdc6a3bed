package kubevet.drift.resources_test

import data.kubevet.drift.resources
import rego.v1

lost(kind) := {"facts": {"lost": [{
	"kind": kind,
	"name": "limits.memory",
	"object": {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "prod", "name": "a"},
	"path": ["spec", "template"],
	"before": {
		"environment": "staging",
		"object": {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "staging", "name": "a"},
		"path": ["spec", "template"],
	},
}]}}

test_fail if {
	some finding in resources.deny with input as lost("resource")
	finding.msg == "the workload lacks limits.memory, which staging has"
}

test_pass_what_another_rule_is_about if {
	count(resources.deny) == 0 with input as lost("other")
}

test_pass_nothing_lost if {
	count(resources.deny) == 0 with input as {"facts": {"lost": []}}
	count(resources.deny) == 0 with input as {}
}

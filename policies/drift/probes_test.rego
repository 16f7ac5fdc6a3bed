package kubevet.drift.probes_test

import data.kubevet.drift.probes
import rego.v1

lost(kind) := {"facts": {"lost": [{
	"kind": kind,
	"name": "livenessProbe",
	"object": {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "prod", "name": "a"},
	"path": ["spec", "template"],
	"before": {
		"environment": "staging",
		"object": {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "staging", "name": "a"},
		"path": ["spec", "template"],
	},
}]}}

test_fail if {
	some finding in probes.deny with input as lost("probe")
	finding.msg == "the workload lacks livenessProbe, which staging has"
}

test_pass_what_another_rule_is_about if {
	count(probes.deny) == 0 with input as lost("other")
}

test_pass_nothing_lost if {
	count(probes.deny) == 0 with input as {"facts": {"lost": []}}
	count(probes.deny) == 0 with input as {}
}

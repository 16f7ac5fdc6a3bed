package kubevet.drift.network_policy_test

import data.kubevet.drift.network_policy
import rego.v1

lost(kind) := {"facts": {"lost": [{
	"kind": kind,
	"name": "NetworkPolicy",
	"object": {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "prod", "name": "a"},
	"path": ["spec", "template"],
	"before": {
		"environment": "staging",
		"object": {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "staging", "name": "a"},
		"path": ["spec", "template"],
	},
}]}}

test_fail if {
	some finding in network_policy.deny with input as lost("network-policy")
	finding.msg == "the workload lacks NetworkPolicy, which staging has"
}

test_pass_what_another_rule_is_about if {
	count(network_policy.deny) == 0 with input as lost("other")
}

test_pass_nothing_lost if {
	count(network_policy.deny) == 0 with input as {"facts": {"lost": []}}
	count(network_policy.deny) == 0 with input as {}
}

package kubevet.drift.security_context_test

import data.kubevet.drift.security_context
import rego.v1

lost(kind) := {"facts": {"lost": [{
	"kind": kind,
	"name": "readOnlyRootFilesystem: true",
	"object": {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "prod", "name": "a"},
	"path": ["spec", "template"],
	"before": {
		"environment": "staging",
		"object": {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "staging", "name": "a"},
		"path": ["spec", "template"],
	},
}]}}

test_fail if {
	some finding in security_context.deny with input as lost("security-context")
	finding.msg == "the workload lacks readOnlyRootFilesystem: true, which staging has"
}

test_pass_what_another_rule_is_about if {
	count(security_context.deny) == 0 with input as lost("other")
}

test_pass_nothing_lost if {
	count(security_context.deny) == 0 with input as {"facts": {"lost": []}}
	count(security_context.deny) == 0 with input as {}
}

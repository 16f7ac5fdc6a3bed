package kubevet.network.unneeded_rule_test

import data.kubevet.network.unneeded_rule
import rego.v1

policy(paths) := {"kind": "NetworkPolicy", "facts": {"network": {"policy": {"unneeded": paths}}}}

test_fail_at_the_rule if {
	unneeded_rule.deny == {{
		"msg": "allows connections that no configuration asks for",
		"path": ["spec", "ingress", 1],
	}} with input as policy([["spec", "ingress", 1]])
}

test_pass_where_all_rules_are_needed if {
	count(unneeded_rule.deny) == 0 with input as policy([])
}

test_silent_without_facts if {
	count(unneeded_rule.deny) == 0 with input as {"kind": "NetworkPolicy"}
}

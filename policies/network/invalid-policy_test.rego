package kubevet.network.invalid_policy_test

import data.kubevet.network.invalid_policy
import rego.v1

overlay(policies) := {"facts": {"network": {"invalid": policies}}}

test_fail_at_what_is_refused if {
	invalid_policy.deny == {{
		"msg": "endPort must be at least port; the policy is not taken into account",
		"path": ["spec", "ingress", 0, "ports", 0, "endPort"],
		"object": {"kind": "NetworkPolicy", "namespace": "shop", "name": "web"},
	}} with input as overlay([{
		"message": "endPort must be at least port",
		"path": ["spec", "ingress", 0, "ports", 0, "endPort"],
		"object": {"kind": "NetworkPolicy", "namespace": "shop", "name": "web"},
	}])
}

test_pass_where_all_can_be_read if {
	count(invalid_policy.deny) == 0 with input as overlay([])
}

test_silent_without_facts if {
	count(invalid_policy.deny) == 0 with input as {"objects": []}
}

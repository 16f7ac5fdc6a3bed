package soma.policy_test

import rego.v1

import data.soma.policy

loaded := {"version": "1", "rules": {"forbidden": ["harm"]}}

test_in_order if {
	policy.allow == {"allow": true, "reasons": []} with input as {"constitution": loaded, "instance": {"action": "recall"}}
}

test_forbidden_action if {
	answer := policy.allow with input as {"constitution": loaded, "instance": {"action": "harm"}}
	answer == {"allow": false, "reasons": ["the constitution forbids the action harm"]}
}

test_declared_violation if {
	answer := policy.allow with input as {"constitution": loaded, "instance": {"violates": ["rule-7"]}}
	answer == {"allow": false, "reasons": ["rule rule-7 forbids it"]}
}

test_rules_as_a_list_are_a_constitution_too if {
	policy.allow.allow == true with input as {"constitution": {"version": 2, "rules": ["be kind"]}, "instance": {}}
}

test_nothing_loaded if {
	policy.allow == {"allow": false, "reasons": ["no constitution is loaded"]} with input as {"constitution": null, "instance": {}}
}

test_incomplete_constitution if {
	policy.allow.reasons == ["the constitution has no rules"] with input as {"constitution": {"version": "1"}, "instance": {}}
}

test_instance_of_a_wrong_kind if {
	policy.allow.reasons == ["the instance is not an object"] with input as {"constitution": loaded, "instance": "x"}
}

package kubevet.network.policy_selects_nothing_test

import data.kubevet.network.policy_selects_nothing
import rego.v1

policy(nothing) := {"kind": "NetworkPolicy", "facts": {"network": {"policy": {"selectsNothing": nothing, "emptyPeers": [], "world": []}}}}

test_pass_where_it_selects_something if {
	count(policy_selects_nothing.deny) == 0 with input as policy(false)
}

test_fail_where_it_selects_nothing if {
	policy_selects_nothing.deny == {{
		"msg": "podSelector selects no workload of its namespace",
		"path": ["spec", "podSelector"],
	}} with input as policy(true)
}

test_silent_without_facts if {
	count(policy_selects_nothing.deny) == 0 with input as {"kind": "NetworkPolicy"}
}

package kubevet.network.open_to_world_test

import data.kubevet.network.open_to_world
import rego.v1

policy(rules) := {"kind": "NetworkPolicy", "facts": {"network": {"policy": {"world": rules}}}}

test_pass_without_open_rules if {
	count(open_to_world.deny) == 0 with input as policy([])
}

test_fail_for_open_ingress_even_on_one_port if {
	path := ["spec", "ingress", 0]
	open_to_world.deny == {{"msg": "lets every address connect", "path": path}} with input as policy([{
		"direction": "ingress",
		"path": path,
		"allPorts": false,
	}])
}

test_pass_for_egress_on_named_ports if {
	count(open_to_world.deny) == 0 with input as policy([{"direction": "egress", "path": ["spec", "egress", 0], "allPorts": false}])
}

test_fail_for_egress_on_all_ports if {
	path := ["spec", "egress", 0, "to", 0]
	open_to_world.deny == {{
		"msg": "lets its Pods connect to every address on every port",
		"path": path,
	}} with input as policy([{"direction": "egress", "path": path, "allPorts": true}])
}

test_silent_without_facts if {
	count(open_to_world.deny) == 0 with input as {"kind": "NetworkPolicy"}
}

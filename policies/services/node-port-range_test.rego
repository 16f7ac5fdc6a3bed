package kubevet.services.node_port_range_test

import data.kubevet.services.node_port_range
import rego.v1

service(port) := {"apiVersion": "v1", "kind": "Service", "spec": {"type": "NodePort", "ports": [{"port": 80, "nodePort": port}]}}

test_fail if {
	node_port_range.deny == {{
		"msg": "nodePort 8080 is not between 30000 and 32767",
		"path": ["spec", "ports", 0, "nodePort"],
	}} with input as service(8080)
	count(node_port_range.deny) == 1 with input as service(32768)
}

test_pass if {
	every port in [30000, 32767, 0] {
		count(node_port_range.deny) == 0 with input as service(port)
	}
	count(node_port_range.deny) == 0 with input as service(null)
}

test_range_of_the_table if {
	table := {"parameters": {"nodePortRange": [8000, 9000]}}
	count(node_port_range.deny) == 0 with input as service(8080) with data.environment as table
	count(node_port_range.deny) == 1 with input as service(30080) with data.environment as table
}

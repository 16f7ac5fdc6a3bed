package kubevet.services.node_port_test

import data.kubevet.services.node_port
import rego.v1

service(spec) := {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "app"}, "spec": spec}

test_fail if {
	node_port.deny == {{
		"msg": "the Service opens a port on every node (type NodePort)",
		"path": ["spec", "type"],
		"fix": {"title": "open it inside of the cluster alone", "edits": [{"set": ["spec", "type"], "value": "ClusterIP"}]},
	}} with input as service({"type": "NodePort"})
}

test_pass if {
	count(node_port.deny) == 0 with input as service({"type": "ClusterIP"})
	count(node_port.deny) == 0 with input as service({})
}

test_pass_custom_resource_of_that_kind if {
	count(node_port.deny) == 0 with input as {"apiVersion": "example.com/v1", "kind": "Service", "spec": {"type": "NodePort"}}
}

test_fix_frees_the_ports if {
	some finding in node_port.deny with input as service({"type": "NodePort", "ports": [{"port": 80}, {"port": 81, "nodePort": 30081}]})
	finding.fix.edits == [{"set": ["spec", "type"], "value": "ClusterIP"}, {"remove": ["spec", "ports", 1, "nodePort"]}]
}

package kubevet.services.node_port_twice_test

import data.kubevet.services.node_port_twice
import rego.v1

service(name, ports) := {
	"apiVersion": "v1",
	"kind": "Service",
	"metadata": {"name": name, "namespace": "shop"},
	"spec": {"type": "NodePort", "ports": ports},
}

test_fail if {
	services := [service("a", [{"port": 80, "nodePort": 30080}]), service("b", [{"port": 1}, {"port": 2, "nodePort": 30080}])]
	some finding in node_port_twice.deny with input as {"objects": services}
	finding.msg == "nodePort 30080 is that of Service a, too"
	finding.object.name == "b"
	finding.path == ["spec", "ports", 1, "nodePort"]
}

test_pass if {
	services := [
		service("a", [{"port": 80, "nodePort": 30080}, {"port": 81}]),
		service("b", [{"port": 80, "nodePort": 30081}, {"port": 81}]),
		# The API server keeps a number for each protocol.
		service("c", [{"port": 53, "nodePort": 30080, "protocol": "UDP"}]),
	]
	count(node_port_twice.deny) == 0 with input as {"objects": services}
}

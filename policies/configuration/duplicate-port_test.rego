package kubevet.configuration.duplicate_port_test

import data.kubevet.configuration.duplicate_port
import rego.v1

pod(ports) := {
	"apiVersion": "v1",
	"kind": "Pod",
	"metadata": {"name": "app"},
	"spec": {"containers": [{"name": "app", "ports": ports}]},
}

test_twice if {
	ports := [{"name": "http", "containerPort": 80}, {"name": "ops", "containerPort": 81}, {"name": "web", "containerPort": 80}]
	duplicate_port.deny == {{
		"msg": `port 80/TCP of container "app" is declared more than once`,
		"path": ["spec", "containers", 0, "ports", 2],
		"fix": {"title": "declare it once", "edits": [{"remove": ["spec", "containers", 0, "ports", 2]}]},
	}} with input as pod(ports)
}

test_udp_twice if {
	ports := [{"name": "a", "containerPort": 53, "protocol": "UDP"}, {"name": "b", "containerPort": 53, "protocol": "UDP"}]
	count(duplicate_port.deny) == 1 with input as pod(ports)
}

test_two_protocols if {
	ports := [{"containerPort": 53}, {"containerPort": 53, "protocol": "UDP"}]
	count(duplicate_port.deny) == 0 with input as pod(ports)
}

test_no_ports if {
	count(duplicate_port.deny) == 0 with input as pod(null)
}

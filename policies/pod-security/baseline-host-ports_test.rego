package kubevet.pod_security.baseline_host_ports_test

import data.kubevet.pod_security.baseline_host_ports
import rego.v1

pod(spec) := {"apiVersion": "v1", "kind": "Pod", "spec": spec}

container(settings) := pod({"containers": [object.union({"name": "app"}, settings)]})

test_fail if {
	baseline_host_ports.deny == {{
		"msg": `container "app" takes port 8080 of its node`,
		"path": ["spec", "containers", 0, "ports", 0, "hostPort"],
		"fix": {"title": "take no port of the node", "edits": [{"remove": ["spec", "containers", 0, "ports", 0, "hostPort"]}]},
	}} with input as container({"ports": [{"containerPort": 80, "hostPort": 8080}]})
}

test_fail_host_network if {
	baseline_host_ports.deny == {{
		"msg": `container "a" takes port 80 of its node, as the Pod has hostNetwork: true`,
		"path": ["spec", "containers", 0, "ports", 0],
		"fix": {"title": "run without hostNetwork", "edits": [{"remove": ["spec", "hostNetwork"]}]},
	}} with input as pod({"hostNetwork": true, "containers": [{"name": "a", "ports": [{"containerPort": 80}]}]})
}

test_pass if {
	count(baseline_host_ports.deny) == 0 with input as container({"ports": [{"containerPort": 80}, {"containerPort": 81, "hostPort": 0}]})
	count(baseline_host_ports.deny) == 0 with input as container({"ports": null})
}

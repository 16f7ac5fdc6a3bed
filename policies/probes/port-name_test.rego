package kubevet.probes.port_name_test

import data.kubevet.probes.port_name
import rego.v1

pod(spec) := {"apiVersion": "v1", "kind": "Pod", "spec": spec}

container(settings) := pod({"containers": [object.union({"name": "app"}, settings)]})

probing(port) := container({"ports": [{"name": "http", "containerPort": 80}], "readinessProbe": {"httpGet": {"port": port}}})

test_fail if {
	port_name.deny == {{
		"msg": `the readinessProbe of container "app" asks port "web", which the container does not have`,
		"path": ["spec", "containers", 0, "readinessProbe", "httpGet", "port"],
		"fix": [{"title": `ask the port "http"`, "safe": true, "edits": [{"set": ["spec", "containers", 0, "readinessProbe", "httpGet", "port"], "value": "http"}]}],
	}} with input as probing("web")
}

test_pass if {
	count(port_name.deny) == 0 with input as probing("http")
	count(port_name.deny) == 0 with input as probing(8080)
	count(port_name.deny) == 0 with input as container({"livenessProbe": {"tcpSocket": {"port": 80}}})
}

test_fix_names_the_port_that_has_no_name if {
	some finding in port_name.deny with input as container({"ports": [{"containerPort": 80}], "livenessProbe": {"tcpSocket": {"port": "web"}}})
	finding.fix == [{
		"title": "give the port the name that the probe asks",
		"safe": true,
		"edits": [{"set": ["spec", "containers", 0, "ports", 0, "name"], "value": "web"}],
	}]
}

test_fix_is_a_choice_of_several_ports if {
	ports := [{"containerPort": 80, "name": "http"}, {"containerPort": 9090, "name": "metrics"}]
	some finding in port_name.deny with input as container({"ports": ports, "livenessProbe": {"tcpSocket": {"port": "web"}}})
	[proposed.edits[0].value | some proposed in finding.fix; not proposed.safe] == ["http", "metrics"]
}

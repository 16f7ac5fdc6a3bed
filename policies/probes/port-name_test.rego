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
	}} with input as probing("web")
}

test_pass if {
	count(port_name.deny) == 0 with input as probing("http")
	count(port_name.deny) == 0 with input as probing(8080)
	count(port_name.deny) == 0 with input as container({"livenessProbe": {"tcpSocket": {"port": 80}}})
}

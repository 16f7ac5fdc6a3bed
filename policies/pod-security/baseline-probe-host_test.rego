package kubevet.pod_security.baseline_probe_host_test

import data.kubevet.pod_security.baseline_probe_host
import rego.v1

pod(spec) := {"apiVersion": "v1", "kind": "Pod", "spec": spec}

container(settings) := pod({"containers": [object.union({"name": "app"}, settings)]})

probing(host) := container({"livenessProbe": {"httpGet": {"port": 80, "host": host}}})

test_fail_probe if {
	baseline_probe_host.deny == {{
		"msg": `container "app" has a host in its livenessProbe`,
		"path": ["spec", "containers", 0, "livenessProbe", "httpGet", "host"],
		"fix": {"title": "ask the Pod itself", "edits": [{"remove": ["spec", "containers", 0, "livenessProbe", "httpGet", "host"]}]},
	}} with input as probing("127.0.0.1")
}

test_fail_hook if {
	count(baseline_probe_host.deny) == 1 with input as container({"lifecycle": {"preStop": {"tcpSocket": {"port": 80, "host": "other"}}}})
}

test_pass_before_1_34 if {
	count(baseline_probe_host.deny) == 0 with input as probing("127.0.0.1") with data.environment as {"parameters": {"kubernetesVersion": "1.33"}}
}

test_pass if {
	count(baseline_probe_host.deny) == 0 with input as probing("")
	count(baseline_probe_host.deny) == 0 with input as probing(null)
	count(baseline_probe_host.deny) == 0 with input as container({"livenessProbe": null, "lifecycle": {"preStop": {"exec": {"command": ["true"]}}}})
}

package kubevet.probes.timeout_over_period_test

import data.kubevet.probes.timeout_over_period
import rego.v1

pod(spec) := {"apiVersion": "v1", "kind": "Pod", "spec": spec}

container(settings) := pod({"containers": [object.union({"name": "app"}, settings)]})

timing(settings) := container({"livenessProbe": object.union({"tcpSocket": {"port": 80}}, settings)})

test_fail if {
	timeout_over_period.deny == {{
		"msg": `the livenessProbe of container "app" may take 12 s, but the next is due after 10 s`,
		"path": ["spec", "containers", 0, "livenessProbe", "timeoutSeconds"],
		"fix": [
			{"title": "ask as seldom as the answer may take", "safe": true, "edits": [{"set": ["spec", "containers", 0, "livenessProbe", "periodSeconds"], "value": 12}]},
			{"title": "wait no longer than until the next", "edits": [{"set": ["spec", "containers", 0, "livenessProbe", "timeoutSeconds"], "value": 10}]},
		],
	}} with input as timing({"timeoutSeconds": 12})
}

test_pass if {
	count(timeout_over_period.deny) == 0 with input as timing({"timeoutSeconds": 10})
	count(timeout_over_period.deny) == 0 with input as timing({})
	count(timeout_over_period.deny) == 0 with input as container({"livenessProbe": null})
	count(timeout_over_period.deny) == 0 with input as container({"startupProbe": {"tcpSocket": {"port": 80}, "periodSeconds": 2, "timeoutSeconds": 5}})
}

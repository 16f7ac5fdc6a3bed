package kubevet.probes.exec_timeout_test

import data.kubevet.probes.exec_timeout
import rego.v1

pod(spec) := {"apiVersion": "v1", "kind": "Pod", "spec": spec}

container(settings) := pod({"containers": [object.union({"name": "app"}, settings)]})

test_fail if {
	exec_timeout.deny == {{
		"msg": `the readinessProbe of container "app" runs a command, but has no timeoutSeconds (1 s by default)`,
		"path": ["spec", "containers", 0, "readinessProbe", "timeoutSeconds"],
		"fix": {"title": "let the command take 5 s", "edits": [{"set": ["spec", "containers", 0, "readinessProbe", "timeoutSeconds"], "value": 5}]},
	}} with input as container({"readinessProbe": {"exec": {"command": ["true"]}}})
}

test_pass if {
	count(exec_timeout.deny) == 0 with input as container({"readinessProbe": {"exec": {"command": ["true"]}, "timeoutSeconds": 1}})
	count(exec_timeout.deny) == 0 with input as container({"readinessProbe": {"httpGet": {"port": 80}}})
	count(exec_timeout.deny) == 0 with input as container({"readinessProbe": {"exec": null, "httpGet": {"port": 80}}})
}

test_fix_within_the_period if {
	some finding in exec_timeout.deny with input as container({"readinessProbe": {"exec": {"command": ["true"]}, "periodSeconds": 2}})
	finding.fix.edits == [{"set": finding.path, "value": 2}]
}

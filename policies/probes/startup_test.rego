package kubevet.probes.startup_test

import data.kubevet.probes.startup
import rego.v1

container(probes) := object.union({"name": "brain"}, probes)

deployment(probes) := {"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"template": {"spec": {"containers": [container(probes)]}}}}

probe := {"tcpSocket": {"port": 9696}}

slow := {"name": "prod", "parameters": {"slowStarters": {"brain": 150}}}

path := ["spec", "template", "spec", "containers", 0, "startupProbe"]

test_pass_fast_starter if {
	count(startup.deny) == 0 with input as deployment({"livenessProbe": probe})
}

test_pass_slow_starter_with_budget if {
	startup_probe := object.union(probe, {"periodSeconds": 5, "failureThreshold": 30})
	count(startup.deny) == 0 with input as deployment({"livenessProbe": probe, "startupProbe": startup_probe}) with data.environment as slow
}

test_fail_slow_starter_without_startup_probe if {
	startup.deny == {{
		"msg": `container "brain" may take 150 s to start, but has no startupProbe and its livenessProbe gives up after 30 s`,
		"path": path,
		"fix": {"title": "wait with a startupProbe", "safe": true, "edits": [{"set": path, "value": {"tcpSocket": {"port": 9696}, "failureThreshold": 15}}]},
	}} with input as deployment({"livenessProbe": probe}) with data.environment as slow
}

test_fail_startup_probe_too_short if {
	some finding in startup.deny with input as deployment({"livenessProbe": probe, "startupProbe": probe}) with data.environment as slow
	finding.msg == `container "brain" may take 150 s to start, but its startupProbe gives up after 30 s`
}

test_pass_liveness_alone_is_patient_enough if {
	patient := object.union(probe, {"periodSeconds": 30, "failureThreshold": 5})
	count(startup.deny) == 0 with input as deployment({"livenessProbe": patient}) with data.environment as slow
}

test_pass_without_any_probe if {
	count(startup.deny) == 0 with input as deployment({}) with data.environment as slow
}

test_fail_delay_instead_of_startup_probe if {
	some finding in startup.deny with input as deployment({"livenessProbe": object.union(probe, {"initialDelaySeconds": 60})})
	finding.path == path
}

test_delay_edge if {
	count(startup.deny) == 1 with input as deployment({"livenessProbe": object.union(probe, {"initialDelaySeconds": 30})})
	count(startup.deny) == 0 with input as deployment({"livenessProbe": object.union(probe, {"initialDelaySeconds": 29})})
}

test_pass_delay_with_startup_probe if {
	delayed := object.union(probe, {"initialDelaySeconds": 60})
	count(startup.deny) == 0 with input as deployment({"livenessProbe": delayed, "startupProbe": probe})
}

test_fix_of_a_startup_probe_that_is_too_short if {
	delayed := object.union(probe, {"initialDelaySeconds": 5})
	some finding in startup.deny with input as deployment({"livenessProbe": probe, "startupProbe": delayed}) with data.environment as slow
	finding.fix.edits == [{"set": array.concat(path, ["failureThreshold"]), "value": 15}]
}

test_fix_of_a_delay if {
	some finding in startup.deny with input as deployment({"livenessProbe": object.union(probe, {"initialDelaySeconds": 60})})
	finding.fix.edits == [
		{"set": path, "value": object.union(probe, {"failureThreshold": 9})},
		{"remove": ["spec", "template", "spec", "containers", 0, "livenessProbe", "initialDelaySeconds"]},
	]
}

package kubevet.probes.same_check_test

import data.kubevet.probes.same_check
import rego.v1

pod(spec) := {"apiVersion": "v1", "kind": "Pod", "spec": spec}

container(settings) := pod({"containers": [object.union({"name": "app"}, settings)]})

probes(liveness, readiness) := container({"livenessProbe": liveness, "readinessProbe": readiness})

health := {"httpGet": {"path": "/health", "port": 80}}

test_fail if {
	same_check.deny == {{
		"msg": `container "app" is restarted as soon as it is not ready: its livenessProbe is the same check as its readinessProbe`,
		"path": ["spec", "containers", 0, "livenessProbe", "httpGet"],
		"fix": {"title": "restart it only after it was not ready for a while", "safe": true, "edits": [{"set": ["spec", "containers", 0, "livenessProbe", "failureThreshold"], "value": 4}]},
	}} with input as probes(health, health)
}

test_pass_other_endpoint if {
	count(same_check.deny) == 0 with input as probes({"httpGet": {"path": "/live", "port": 80}}, health)
	count(same_check.deny) == 0 with input as probes({"tcpSocket": {"port": 80}}, {"tcpSocket": {"port": 80}})
}

test_pass_more_patient if {
	count(same_check.deny) == 0 with input as probes(object.union(health, {"failureThreshold": 6}), health)
}

test_pass_job if {
	job := {"apiVersion": "batch/v1", "kind": "Job", "spec": {"template": {"spec": {"initContainers": [{
		"name": "proxy",
		"restartPolicy": "Always",
		"livenessProbe": health,
		"readinessProbe": health,
	}]}}}}
	count(same_check.deny) == 0 with input as job
}

test_pass_one_of_them if count(same_check.deny) == 0 with input as container({"livenessProbe": health})

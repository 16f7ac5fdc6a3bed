package kubevet.probes.readiness_test

import data.kubevet.probes.readiness
import rego.v1

probe := {"httpGet": {"path": "/", "port": 8080}}

deployment(spec) := {"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"template": {"spec": spec}}}

with_probe := {"name": "app", "readinessProbe": probe}

test_pass_with_probe if {
	count(readiness.deny) == 0 with input as deployment({"containers": [with_probe]})
}

test_fail_without_probe if {
	readiness.deny == {{
		"msg": `container "app" has no readinessProbe`,
		"path": ["spec", "template", "spec", "containers", 0, "readinessProbe"],
		"fix": [{"title": "ask whether its port takes connections", "edits": [{"set": ["spec", "template", "spec", "containers", 0, "readinessProbe"], "value": {"tcpSocket": {"port": "<kubevet: the port that it listens on>"}}}]}, {"title": "ask a path that answers once it can serve", "edits": [{
			"set": ["spec", "template", "spec", "containers", 0, "readinessProbe"],
			"value": {"httpGet": {
				"path": "<kubevet: a path that answers once it can serve>",
				"port": "<kubevet: the port that it listens on>",
			}},
		}]}],
	}} with input as deployment({"containers": [{"name": "app"}]})
}

test_fail_with_null_or_empty_probe if {
	count(readiness.deny) == 2 with input as deployment({"containers": [
		{"name": "a", "readinessProbe": null},
		{"name": "b", "readinessProbe": {}},
	]})
}

test_fail_names_the_second_container if {
	some finding in readiness.deny with input as deployment({"containers": [with_probe, {"name": "side"}]})
	finding.path == ["spec", "template", "spec", "containers", 1, "readinessProbe"]
}

test_fail_for_native_sidecar if {
	some finding in readiness.deny with input as deployment({
		"containers": [with_probe],
		"initContainers": [{"name": "proxy", "restartPolicy": "Always"}],
	})
	finding.msg == `sidecar "proxy" has no readinessProbe`
}

test_pass_for_plain_init_container if {
	count(readiness.deny) == 0 with input as deployment({"containers": [with_probe], "initContainers": [{"name": "wait"}]})
}

test_pass_for_job_and_cronjob if {
	spec := {"containers": [{"name": "app"}], "initContainers": [{"name": "proxy", "restartPolicy": "Always"}]}
	count(readiness.deny) == 0 with input as {"apiVersion": "batch/v1", "kind": "Job", "spec": {"template": {"spec": spec}}}
	count(readiness.deny) == 0 with input as {
		"apiVersion": "batch/v1",
		"kind": "CronJob",
		"spec": {"jobTemplate": {"spec": {"template": {"spec": spec}}}},
	}
}

test_bare_pod_by_restart_policy if {
	pod := {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "app"}]}}
	count(readiness.deny) == 1 with input as pod
	count(readiness.deny) == 0 with input as object.union(pod, {"spec": {"restartPolicy": "Never"}})
}

test_pass_for_custom_resource_of_that_kind if {
	count(readiness.deny) == 0 with input as object.union(deployment({"containers": [{"name": "app"}]}), {"apiVersion": "example.com/v1"})
}

test_fix_with_what_the_liveness_probe_asks if {
	alive := {"httpGet": {"path": "/", "port": 8080}, "initialDelaySeconds": 20, "periodSeconds": 5}
	some finding in readiness.deny with input as deployment({"containers": [{"name": "app", "livenessProbe": alive}]})
	finding.fix == [{"title": "ask with less patience what its livenessProbe asks", "edits": [{
		"set": finding.path,
		"value": {"httpGet": alive.httpGet, "periodSeconds": 5, "failureThreshold": 2},
	}]}]
}

test_fix_with_the_port_where_there_can_be_no_less_patience if {
	alive := {"httpGet": {"path": "/", "port": 8080}, "failureThreshold": 1}
	some finding in readiness.deny with input as deployment({"containers": [{"name": "app", "livenessProbe": alive}]})
	finding.fix[0].edits[0].value == {"tcpSocket": {"port": 8080}}
}

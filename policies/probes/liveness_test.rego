package kubevet.probes.liveness_test

import data.kubevet.probes.liveness
import rego.v1

probe := {"httpGet": {"path": "/", "port": 8080}}

deployment(spec) := {"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"template": {"spec": spec}}}

with_probe := {"name": "app", "livenessProbe": probe}

test_pass_with_probe if {
	count(liveness.deny) == 0 with input as deployment({"containers": [with_probe]})
}

test_fail_without_probe if {
	liveness.deny == {{
		"msg": `container "app" has no livenessProbe`,
		"path": ["spec", "template", "spec", "containers", 0, "livenessProbe"],
		"fix": [{"title": "ask whether its port takes connections", "edits": [{"set": ["spec", "template", "spec", "containers", 0, "livenessProbe"], "value": {"tcpSocket": {"port": "<kubevet: the port that it listens on>"}}}]}],
	}} with input as deployment({"containers": [{"name": "app"}]})
}

test_fail_with_null_or_empty_probe if {
	count(liveness.deny) == 2 with input as deployment({"containers": [
		{"name": "a", "livenessProbe": null},
		{"name": "b", "livenessProbe": {}},
	]})
}

test_fail_names_the_second_container if {
	some finding in liveness.deny with input as deployment({"containers": [with_probe, {"name": "side"}]})
	finding.path == ["spec", "template", "spec", "containers", 1, "livenessProbe"]
}

test_fail_for_native_sidecar if {
	some finding in liveness.deny with input as deployment({
		"containers": [with_probe],
		"initContainers": [{"name": "proxy", "restartPolicy": "Always"}],
	})
	finding.msg == `sidecar "proxy" has no livenessProbe`
}

test_pass_for_plain_init_container if {
	count(liveness.deny) == 0 with input as deployment({"containers": [with_probe], "initContainers": [{"name": "wait"}]})
}

test_pass_for_job_and_cronjob if {
	spec := {"containers": [{"name": "app"}], "initContainers": [{"name": "proxy", "restartPolicy": "Always"}]}
	count(liveness.deny) == 0 with input as {"apiVersion": "batch/v1", "kind": "Job", "spec": {"template": {"spec": spec}}}
	count(liveness.deny) == 0 with input as {
		"apiVersion": "batch/v1",
		"kind": "CronJob",
		"spec": {"jobTemplate": {"spec": {"template": {"spec": spec}}}},
	}
}

test_bare_pod_by_restart_policy if {
	pod := {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "app"}]}}
	count(liveness.deny) == 1 with input as pod
	count(liveness.deny) == 0 with input as object.union(pod, {"spec": {"restartPolicy": "Never"}})
}

test_pass_for_custom_resource_of_that_kind if {
	count(liveness.deny) == 0 with input as object.union(deployment({"containers": [{"name": "app"}]}), {"apiVersion": "example.com/v1"})
}

fixes(container) := [proposed.edits[0].value |
	some finding in liveness.deny with input as deployment({"containers": [object.union({"name": "app"}, container)]})
	some proposed in finding.fix
]

test_fix_with_a_port_that_is_known if {
	fixes({"readinessProbe": probe, "ports": [{"containerPort": 9090}]}) == [{"tcpSocket": {"port": 8080}}]
	fixes({"ports": [{"containerPort": 53, "protocol": "UDP"}, {"containerPort": 80, "name": "http"}]}) == [{"tcpSocket": {"port": "http"}}]
	fixes({"ports": [{"containerPort": 80}]}) == [{"tcpSocket": {"port": 80}}]
}

test_fix_with_the_command_of_the_readiness_probe if {
	ready := {"exec": {"command": ["pg_isready"]}, "periodSeconds": 5}
	fixes({"readinessProbe": ready}) == [object.union(ready, {"timeoutSeconds": 1, "failureThreshold": 9})]
}

package kubevet.resources.memory_request_test

import data.kubevet.resources.memory_request
import rego.v1

deployment(spec) := {"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"template": {"spec": spec}}}

sized := {"requests": {"memory": "128Mi"}}

test_pass if {
	count(memory_request.deny) == 0 with input as deployment({"containers": [{"name": "app", "resources": sized}]})
}

test_fail if {
	memory_request.deny == {{
		"msg": `container "app" has no memory request`,
		"path": ["spec", "template", "spec", "containers", 0, "resources", "requests", "memory"],
		"fix": [{"title": "request memory", "edits": [{"set": ["spec", "template", "spec", "containers", 0, "resources", "requests", "memory"], "value": "<kubevet: memory from what the container was seen to use, such as 128Mi>"}]}],
	}} with input as deployment({"containers": [{"name": "app", "resources": {"requests": {"cpu": "100m"}}}]})
}

test_fail_init_container if {
	some finding in memory_request.deny with input as deployment({
		"containers": [{"name": "app", "resources": sized}],
		"initContainers": [{"name": "prepare"}],
	})
	finding.msg == `init container "prepare" has no memory request`
}

test_fail_in_cronjob if {
	some finding in memory_request.deny with input as {
		"apiVersion": "batch/v1",
		"kind": "CronJob",
		"spec": {"jobTemplate": {"spec": {"template": {"spec": {"containers": [{"name": "app"}]}}}}},
	}
	array.slice(finding.path, 0, 5) == ["spec", "jobTemplate", "spec", "template", "spec"]
}

test_pass_with_limit_alone if {
	count(memory_request.deny) == 0 with input as deployment({"containers": [{"name": "app", "resources": {"limits": {"memory": "128Mi"}}}]})
}

test_pass_pod_level if {
	count(memory_request.deny) == 0 with input as deployment({"resources": sized, "containers": [{"name": "app"}]})
}

test_fail_zero if {
	count(memory_request.deny) == 1 with input as deployment({"containers": [{"name": "app", "resources": {"requests": {"memory": "0"}}}]})
}

test_pass_without_pod if {
	count(memory_request.deny) == 0 with input as {"apiVersion": "v1", "kind": "Service", "spec": {}}
}

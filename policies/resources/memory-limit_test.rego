package kubevet.resources.memory_limit_test

import data.kubevet.resources.memory_limit
import rego.v1

deployment(spec) := {"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"template": {"spec": spec}}}

sized := {"limits": {"memory": "128Mi"}}

test_pass if {
	count(memory_limit.deny) == 0 with input as deployment({"containers": [{"name": "app", "resources": sized}]})
}

test_fail if {
	memory_limit.deny == {{
		"msg": `container "app" has no memory limit`,
		"path": ["spec", "template", "spec", "containers", 0, "resources", "limits", "memory"],
		"fix": [{"title": "set a memory limit", "edits": [{"set": ["spec", "template", "spec", "containers", 0, "resources", "limits", "memory"], "value": "<kubevet: memory from what the container was seen to use, such as 128Mi>"}]}],
	}} with input as deployment({"containers": [{"name": "app", "resources": {"limits": {"cpu": "100m"}}}]})
}

test_fail_init_container if {
	some finding in memory_limit.deny with input as deployment({
		"containers": [{"name": "app", "resources": sized}],
		"initContainers": [{"name": "prepare"}],
	})
	finding.msg == `init container "prepare" has no memory limit`
}

test_fail_in_cronjob if {
	some finding in memory_limit.deny with input as {
		"apiVersion": "batch/v1",
		"kind": "CronJob",
		"spec": {"jobTemplate": {"spec": {"template": {"spec": {"containers": [{"name": "app"}]}}}}},
	}
	array.slice(finding.path, 0, 5) == ["spec", "jobTemplate", "spec", "template", "spec"]
}

test_fail_with_request_alone if {
	count(memory_limit.deny) == 1 with input as deployment({"containers": [{"name": "app", "resources": {"requests": {"memory": "128Mi"}}}]})
}

test_pass_pod_level if {
	count(memory_limit.deny) == 0 with input as deployment({"resources": sized, "containers": [{"name": "app"}]})
}

test_fail_zero if {
	count(memory_limit.deny) == 1 with input as deployment({"containers": [{"name": "app", "resources": {"limits": {"memory": "0"}}}]})
}

test_pass_without_pod if {
	count(memory_limit.deny) == 0 with input as {"apiVersion": "v1", "kind": "Service", "spec": {}}
}

test_fix_by_the_request if {
	some finding in memory_limit.deny with input as deployment({"containers": [{"name": "app", "resources": {"requests": {"memory": "64Mi"}}}]})
	[proposed.title | some proposed in finding.fix] == ["limit memory to what is requested", "set a memory limit"]
	finding.fix[0].edits == [{"set": finding.path, "value": "64Mi"}]
}

package kubevet.resources.cpu_limit_test

import data.kubevet.resources.cpu_limit
import rego.v1

deployment(spec) := {"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"template": {"spec": spec}}}

sized := {"limits": {"cpu": "100m"}}

test_pass if {
	count(cpu_limit.deny) == 0 with input as deployment({"containers": [{"name": "app", "resources": sized}]})
}

test_fail if {
	cpu_limit.deny == {{
		"msg": `container "app" has no cpu limit`,
		"path": ["spec", "template", "spec", "containers", 0, "resources", "limits", "cpu"],
		"fix": [{"title": "set a cpu limit", "edits": [{"set": ["spec", "template", "spec", "containers", 0, "resources", "limits", "cpu"], "value": "<kubevet: CPU from what the container was seen to use, such as 100m>"}]}],
	}} with input as deployment({"containers": [{"name": "app", "resources": {"limits": {"memory": "128Mi"}}}]})
}

test_fail_init_container if {
	some finding in cpu_limit.deny with input as deployment({
		"containers": [{"name": "app", "resources": sized}],
		"initContainers": [{"name": "prepare"}],
	})
	finding.msg == `init container "prepare" has no cpu limit`
}

test_fail_in_cronjob if {
	some finding in cpu_limit.deny with input as {
		"apiVersion": "batch/v1",
		"kind": "CronJob",
		"spec": {"jobTemplate": {"spec": {"template": {"spec": {"containers": [{"name": "app"}]}}}}},
	}
	array.slice(finding.path, 0, 5) == ["spec", "jobTemplate", "spec", "template", "spec"]
}

test_fail_with_request_alone if {
	count(cpu_limit.deny) == 1 with input as deployment({"containers": [{"name": "app", "resources": {"requests": {"cpu": "100m"}}}]})
}

test_pass_pod_level if {
	count(cpu_limit.deny) == 0 with input as deployment({"resources": sized, "containers": [{"name": "app"}]})
}

test_fail_zero if {
	count(cpu_limit.deny) == 1 with input as deployment({"containers": [{"name": "app", "resources": {"limits": {"cpu": "0"}}}]})
}

test_pass_without_pod if {
	count(cpu_limit.deny) == 0 with input as {"apiVersion": "v1", "kind": "Service", "spec": {}}
}

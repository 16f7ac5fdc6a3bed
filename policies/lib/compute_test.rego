package kubevet.lib.compute_test

import data.kubevet.lib.compute
import rego.v1

pod(spec) := {"apiVersion": "v1", "kind": "Pod", "spec": spec}

sized := {"limits": {"cpu": "1", "memory": "1Gi"}}

test_limit_stands_in_for_request if {
	count(compute.without_request("cpu")) == 0 with input as pod({"containers": [{"name": "a", "resources": sized}]})
}

test_explicit_zero_request_is_not_replaced_by_the_limit if {
	resources := object.union(sized, {"requests": {"cpu": "0"}})
	findings := compute.without_request("cpu") with input as pod({"containers": [{"name": "a", "resources": resources}]})
	findings == {{
		"msg": `container "a" has no cpu request (0 means none)`,
		"path": ["spec", "containers", 0, "resources", "requests", "cpu"],
		"fix": [{"title": "request cpu", "edits": [{
			"set": ["spec", "containers", 0, "resources", "requests", "cpu"],
			"value": "<kubevet: CPU from what the container was seen to use, such as 100m>",
		}]}],
	}}
}

test_pod_level_resources if {
	object := pod({"resources": sized, "containers": [{"name": "a"}]})
	count(compute.without_request("cpu")) == 0 with input as object
	count(compute.without_limit("memory")) == 0 with input as object
}

test_pod_level_resources_before_1_34 if {
	object := pod({"resources": sized, "containers": [{"name": "a"}]})
	count(compute.without_limit("memory")) == 1 with input as object
		with data.environment as {"parameters": {"kubernetesVersion": "1.33"}}
}

test_pod_level_of_another_resource if {
	object := pod({"resources": {"limits": {"cpu": "1"}}, "containers": [{"name": "a"}]})
	count(compute.without_limit("memory")) == 1 with input as object
}

test_null_resources if {
	count(compute.without_limit("memory")) == 1 with input as pod({"containers": [{"name": "a", "resources": null}]})
}

test_ephemeral_containers_are_not_asked if {
	count(compute.without_limit("memory")) == 0 with input as pod({"ephemeralContainers": [{"name": "debug"}]})
}

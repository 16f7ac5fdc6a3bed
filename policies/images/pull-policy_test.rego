package kubevet.images.pull_policy_test

import data.kubevet.images.pull_policy
import rego.v1

pod(spec) := {"apiVersion": "v1", "kind": "Pod", "spec": spec}

with_policy(text, policy) := pod({"containers": [{"name": "app", "image": text, "imagePullPolicy": policy}]})

test_fail_never if {
	some finding in pull_policy.deny with input as with_policy("redis:7.4", "Never")
	finding.path == ["spec", "containers", 0, "imagePullPolicy"]
}

test_fail_stale if count(pull_policy.deny) == 1 with input as with_policy("redis:latest", "IfNotPresent")

test_pass if {
	count(pull_policy.deny) == 0 with input as with_policy("redis:7.4", "IfNotPresent")
	count(pull_policy.deny) == 0 with input as with_policy("redis:latest", "Always")
	count(pull_policy.deny) == 0 with input as pod({"containers": [{"name": "app", "image": "redis"}]})
}

fix_of(text, policy) := finding.fix.edits[0] if {
	some finding in pull_policy.deny with input as {
		"apiVersion": "v1",
		"kind": "Pod",
		"spec": {"containers": [{"name": "app", "image": text, "imagePullPolicy": policy}]},
	}
}

test_fix if {
	path := ["spec", "containers", 0, "imagePullPolicy"]
	fix_of("redis:7", "Never") == {"set": path, "value": "IfNotPresent"}
	fix_of("redis", "IfNotPresent") == {"set": path, "value": "Always"}
}

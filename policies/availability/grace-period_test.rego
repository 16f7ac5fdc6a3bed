package kubevet.availability.grace_period_test

import data.kubevet.availability.grace_period
import rego.v1

pod(spec) := {"apiVersion": "v1", "kind": "Pod", "spec": spec}

container(settings) := pod({"containers": [object.union({"name": "app"}, settings)]})

test_fail_zero if {
	some finding in grace_period.deny with input as pod({"terminationGracePeriodSeconds": 0})
	finding.path == ["spec", "terminationGracePeriodSeconds"]
}

test_fail_sleeps_too_long if {
	grace_period.deny == {{
		"msg": `container "app" is killed after 30 s, which its preStop hook spends sleeping`,
		"path": ["spec", "containers", 0, "lifecycle", "preStop"],
		"fix": {"title": "give the containers the usual time beside it", "safe": true, "edits": [{"set": ["spec", "terminationGracePeriodSeconds"], "value": 60}]},
	}} with input as container({"lifecycle": {"preStop": {"exec": {"command": ["sh", "-c", "sleep 30"]}}}})
	count(grace_period.deny) == 1 with input as container({"lifecycle": {"preStop": {"sleep": {"seconds": 31}}}})
}

test_pass if {
	count(grace_period.deny) == 0 with input as container({"lifecycle": {"preStop": {"sleep": {"seconds": 5}}}})
	count(grace_period.deny) == 0 with input as container({"lifecycle": {"preStop": {"exec": {"command": ["sleep", "10"]}}}})
	count(grace_period.deny) == 0 with input as container({})
}

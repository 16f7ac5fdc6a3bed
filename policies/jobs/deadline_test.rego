package kubevet.jobs.deadline_test

import data.kubevet.jobs.deadline
import rego.v1

test_fail if {
	deadline.deny == {{
		"msg": "the Job may run forever (no activeDeadlineSeconds)",
		"path": ["spec", "activeDeadlineSeconds"],
		"fix": {"title": "end it after a time", "edits": [{"set": ["spec", "activeDeadlineSeconds"], "value": "<kubevet: seconds that no run takes, such as 3600>"}]},
	}} with input as {"apiVersion": "batch/v1", "kind": "Job", "spec": {}}
}

test_fail_cronjob if {
	some finding in deadline.deny with input as {"apiVersion": "batch/v1", "kind": "CronJob", "spec": {"jobTemplate": {"spec": {}}}}
	finding.path == ["spec", "jobTemplate", "spec", "activeDeadlineSeconds"]
}

test_pass if {
	count(deadline.deny) == 0 with input as {"apiVersion": "batch/v1", "kind": "Job", "spec": {"activeDeadlineSeconds": 60}}
	count(deadline.deny) == 0 with input as {"apiVersion": "batch/v1", "kind": "Job", "spec": {"activeDeadlineSeconds": "<kubevet: seconds>"}}
	count(deadline.deny) == 0 with input as {"apiVersion": "apps/v1", "kind": "Deployment", "spec": {}}
}

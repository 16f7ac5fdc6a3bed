package kubevet.jobs.cronjob_deadline_test

import data.kubevet.jobs.cronjob_deadline
import rego.v1

cronjob(spec) := {"apiVersion": "batch/v1", "kind": "CronJob", "spec": spec}

test_fail if count(cronjob_deadline.deny) == 1 with input as cronjob({})

test_pass if count(cronjob_deadline.deny) == 0 with input as cronjob({"startingDeadlineSeconds": 300})

package kubevet.jobs.cronjob_overlap_test

import data.kubevet.jobs.cronjob_overlap
import rego.v1

cronjob(spec) := {"apiVersion": "batch/v1", "kind": "CronJob", "spec": spec}

test_fail if count(cronjob_overlap.deny) == 1 with input as cronjob({})

test_pass if {
	count(cronjob_overlap.deny) == 0 with input as cronjob({"concurrencyPolicy": "Forbid"})
	count(cronjob_overlap.deny) == 0 with input as cronjob({"concurrencyPolicy": "Allow"})
}

test_fix_is_a_choice if {
	some finding in cronjob_overlap.deny with input as cronjob({})
	[proposed.edits[0].value | some proposed in finding.fix] == ["Forbid", "Replace", "Allow"]
}

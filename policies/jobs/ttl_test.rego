package kubevet.jobs.ttl_test

import data.kubevet.jobs.ttl
import rego.v1

job(spec) := {"apiVersion": "batch/v1", "kind": "Job", "spec": spec}

test_fail if count(ttl.deny) == 1 with input as job({})

test_pass if {
	count(ttl.deny) == 0 with input as job({"ttlSecondsAfterFinished": 0})
	count(ttl.deny) == 0 with input as {"apiVersion": "batch/v1", "kind": "CronJob", "spec": {}}
	count(ttl.deny) == 0 with input as {"apiVersion": "batch.volcano.sh/v1alpha1", "kind": "Job", "spec": {}}
}

test_pass_for_hooks if {
	every name in ["argocd.argoproj.io/hook", "helm.sh/hook"] {
		annotations := {name: "PreSync"}
		count(ttl.deny) == 0 with input as {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"annotations": annotations}, "spec": {}}
	}
}

test_fix if {
	some finding in ttl.deny with input as job({})
	finding.fix == {"title": "delete it a day after it has finished", "edits": [{"set": ["spec", "ttlSecondsAfterFinished"], "value": 86400}]}
}

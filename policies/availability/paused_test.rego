package kubevet.availability.paused_test

import data.kubevet.availability.paused
import rego.v1

deployment(spec) := {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "api", "namespace": "shop"}, "spec": spec}

test_fail if {
	paused.deny == {{
		"msg": "the Deployment is paused, so no change is rolled out",
		"path": ["spec", "paused"],
		"fix": {"title": "roll changes out", "edits": [{"remove": ["spec", "paused"]}]},
	}} with input as deployment({"paused": true})
}

test_pass if {
	count(paused.deny) == 0 with input as deployment({"paused": false})
	count(paused.deny) == 0 with input as deployment({})
}

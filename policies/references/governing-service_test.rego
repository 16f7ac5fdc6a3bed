package kubevet.references.governing_service_test

import data.kubevet.references.governing_service
import rego.v1

stateful_set(dangling) := {"kind": "StatefulSet", "facts": {"dangling": [dangling]}}

test_fail_at_the_name if {
	governing_service.deny == {{
		"msg": "Service shop/db does not exist",
		"path": ["spec", "serviceName"],
		"fix": [],
	}} with input as stateful_set({"kind": "Service", "namespace": "shop", "name": "db", "path": ["spec", "serviceName"]})
}

test_fail_says_what_was_meant if {
	dangling := {"kind": "Service", "namespace": "shop", "name": "dv", "similar": "db", "path": ["spec", "serviceName"]}
	some finding in governing_service.deny with input as object.union(stateful_set(dangling), {"spec": {"serviceName": "dv"}})
	finding.fix[0].edits == [{"set": ["spec", "serviceName"], "value": "db"}]
}

test_pass_for_hosts_in_variables if {
	count(governing_service.deny) == 0 with input as stateful_set({"kind": "Service", "namespace": "shop", "name": "db", "path": ["spec", "template"]})
}

test_silent_without_facts if {
	count(governing_service.deny) == 0 with input as {"kind": "StatefulSet"}
}

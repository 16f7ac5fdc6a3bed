package kubevet.resources.operator_test

import data.kubevet.resources.operator
import rego.v1

facts(missing) := {"kind": "Cluster", "facts": {"capacity": {"unsizedPods": missing}}}

test_fail_at_the_amount if {
	operator.deny == {{
		"msg": "the Pods \"pg\" of the operator have no memory limit",
		"path": ["spec", "resources", "limits", "memory"],
		"fix": {"title": "set limits of memory", "edits": [{"set": ["spec", "resources", "limits", "memory"], "value": "<kubevet: memory from what the container was seen to use, such as 128Mi>"}]},
	}} with input as facts([{"pods": "pg", "path": ["spec", "resources", "limits", "memory"], "field": "limits", "resource": "memory"}])
}

test_pass_where_nothing_is_missing if {
	count(operator.deny) == 0 with input as facts([])
}

test_silent_without_facts if {
	count(operator.deny) == 0 with input as {"kind": "Cluster"}
}

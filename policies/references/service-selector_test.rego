package kubevet.references.service_selector_test

import data.kubevet.references.service_selector
import rego.v1

object(dangling) := {"kind": "Service", "facts": {"dangling": [dangling]}}

test_fail_where_nothing_is_selected if {
	service_selector.deny == {{"msg": "selector selects no workload of its namespace", "path": ["spec", "selector"]}} with input as object({"kind": "Pod", "name": "", "path": ["spec", "selector"]})
}

test_pass_where_a_port_is_missing if {
	count(service_selector.deny) == 0 with input as object({"kind": "Pod", "name": "", "port": "http", "path": ["spec", "ports"]})
}

test_silent_without_facts if {
	count(service_selector.deny) == 0 with input as {"kind": "Service"}
}

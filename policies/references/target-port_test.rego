package kubevet.references.target_port_test

import data.kubevet.references.target_port
import rego.v1

object(dangling) := {"kind": "Service", "facts": {"dangling": [dangling]}}

test_fail_at_the_name if {
	target_port.deny == {{"msg": `no container of the selected Pods has a port named "http"`, "path": ["spec", "ports"], "fix": []}} with input as object({"kind": "Pod", "name": "", "port": "http", "path": ["spec", "ports"]})
}

test_offers_the_port_that_is_meant if {
	some found in target_port.deny with input as object({"kind": "Pod", "name": "", "port": "htpp", "similar": "http", "path": ["spec", "ports"]})
	endswith(found.msg, "; did you mean http?")
	found.fix == [{"title": "lead to the port http", "edits": [{"set": ["spec", "ports"], "value": "http"}]}]
}

test_pass_where_nothing_is_selected if {
	count(target_port.deny) == 0 with input as object({"kind": "Pod", "name": "", "path": ["spec", "selector"]})
}

test_silent_without_facts if {
	count(target_port.deny) == 0 with input as {"kind": "Service"}
}

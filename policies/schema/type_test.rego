package kubevet.schema.type_test

import data.kubevet.schema.type
import rego.v1

test_fail_type if {
	fact := {"path": ["data", "port"], "field": "data[port]", "reason": "type", "message": "must be a string, but is the number 8080; put it in quotes"}
	expected := {"msg": "data[port] must be a string, but is the number 8080; put it in quotes", "path": ["data", "port"]}
	type.deny == {expected} with input as {"facts": {"schema": [fact]}}
}

test_pass_where_nothing_is_wrong if {
	count(type.deny) == 0 with input as {"facts": {"schema": []}}
}

test_pass_where_another_rule_speaks if {
	count(type.deny) == 0 with input as {"facts": {"schema": [{"path": ["data", "port"], "field": "data[port]", "reason": "required", "message": "must be a string, but is the number 8080; put it in quotes"}]}}
}

test_silent_without_facts if {
	count(type.deny) == 0 with input as {"kind": "ConfigMap"}
}

package kubevet.schema.unknown_field_test

import data.kubevet.schema.unknown_field
import rego.v1

test_fail_unknown if {
	fact := {"path": ["metadata", "lables"], "field": "metadata.lables", "reason": "unknown", "message": "is not a field; did you mean \"labels\"?"}
	expected := {"msg": "metadata.lables is not a field; did you mean \"labels\"?", "path": ["metadata", "lables"], "fix": []}
	unknown_field.deny == {expected} with input as {"facts": {"schema": [fact]}}
}

test_pass_where_nothing_is_wrong if {
	count(unknown_field.deny) == 0 with input as {"facts": {"schema": []}}
}

test_pass_where_another_rule_speaks if {
	count(unknown_field.deny) == 0 with input as {"facts": {"schema": [{"path": ["metadata", "lables"], "field": "metadata.lables", "reason": "required", "message": "is not a field; did you mean \"labels\"?"}]}}
}

test_silent_without_facts if {
	count(unknown_field.deny) == 0 with input as {"kind": "ConfigMap"}
}

test_fix_by_what_was_meant if {
	fact := {"path": ["spec", "ports", 0, "nmae"], "field": "", "reason": "unknown", "message": "", "suggestion": "name"}
	some finding in unknown_field.deny with input as {"spec": {"ports": [{"nmae": "http"}]}, "facts": {"schema": [fact]}}
	finding.fix == [{"title": "write name", "edits": [
		{"remove": ["spec", "ports", 0, "nmae"]},
		{"set": ["spec", "ports", 0, "name"], "value": "http"},
	]}]
}

test_no_fix_where_the_field_that_was_meant_is_there if {
	fact := {"path": ["metadata", "lables"], "field": "", "reason": "unknown", "message": "", "suggestion": "labels"}
	some finding in unknown_field.deny with input as {"metadata": {"lables": {"a": "b"}, "labels": {}}, "facts": {"schema": [fact]}}
	finding.fix == []
}

package kubevet.schema.unknown_field_test

import data.kubevet.schema.unknown_field
import rego.v1

test_fail_unknown if {
	fact := {"path": ["metadata", "lables"], "field": "metadata.lables", "reason": "unknown", "message": "is not a field; did you mean \"labels\"?"}
	expected := {"msg": "metadata.lables is not a field; did you mean \"labels\"?", "path": ["metadata", "lables"]}
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

package kubevet.schema.required_test

import data.kubevet.schema.required
import rego.v1

test_fail_required if {
	fact := {"path": ["spec", "containers", 0, "image"], "field": "spec.containers[0].image", "reason": "required", "message": "is required"}
	expected := {"msg": "spec.containers[0].image is required", "path": ["spec", "containers", 0, "image"]}
	required.deny == {expected} with input as {"facts": {"schema": [fact]}}
}

test_pass_where_nothing_is_wrong if {
	count(required.deny) == 0 with input as {"facts": {"schema": []}}
}

test_pass_where_another_rule_speaks if {
	count(required.deny) == 0 with input as {"facts": {"schema": [{"path": ["spec", "containers", 0, "image"], "field": "spec.containers[0].image", "reason": "type", "message": "is required"}]}}
}

test_silent_without_facts if {
	count(required.deny) == 0 with input as {"kind": "ConfigMap"}
}

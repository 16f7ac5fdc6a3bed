package kubevet.schema.invalid_test

import data.kubevet.schema.invalid
import rego.v1

test_fail_enum if {
	fact := {"path": ["spec", "ports", 0, "port"], "field": "spec.ports[0].port", "reason": "enum", "message": "must be between 1 and 65535, but is 80000"}
	expected := {"msg": "spec.ports[0].port must be between 1 and 65535, but is 80000", "path": ["spec", "ports", 0, "port"], "fix": []}
	invalid.deny == {expected} with input as {"facts": {"schema": [fact]}}
}

test_fail_invalid if {
	fact := {"path": ["spec", "ports", 0, "port"], "field": "spec.ports[0].port", "reason": "invalid", "message": "must be between 1 and 65535, but is 80000"}
	expected := {"msg": "spec.ports[0].port must be between 1 and 65535, but is 80000", "path": ["spec", "ports", 0, "port"], "fix": []}
	invalid.deny == {expected} with input as {"facts": {"schema": [fact]}}
}

test_fail_duplicate if {
	fact := {"path": ["spec", "ports", 0, "port"], "field": "spec.ports[0].port", "reason": "duplicate", "message": "must be between 1 and 65535, but is 80000"}
	expected := {"msg": "spec.ports[0].port must be between 1 and 65535, but is 80000", "path": ["spec", "ports", 0, "port"], "fix": []}
	invalid.deny == {expected} with input as {"facts": {"schema": [fact]}}
}

test_fail_forbidden if {
	fact := {"path": ["spec", "ports", 0, "port"], "field": "spec.ports[0].port", "reason": "forbidden", "message": "must be between 1 and 65535, but is 80000"}
	expected := {"msg": "spec.ports[0].port must be between 1 and 65535, but is 80000", "path": ["spec", "ports", 0, "port"], "fix": []}
	invalid.deny == {expected} with input as {"facts": {"schema": [fact]}}
}

test_fail_beside_another_field if {
	fact := {"path": ["a"], "field": "a", "reason": "forbidden", "message": "must not be set beside b", "beside": [["b"]]}
	expected := {"msg": "a must not be set beside b", "path": ["a"], "fix": [], "related": [{"path": ["b"], "note": "this excludes it"}]}
	invalid.deny == {expected} with input as {"facts": {"schema": [fact]}}
}

test_fail_not_found if {
	fact := {"path": ["spec", "ports", 0, "port"], "field": "spec.ports[0].port", "reason": "not-found", "message": "must be between 1 and 65535, but is 80000"}
	expected := {"msg": "spec.ports[0].port must be between 1 and 65535, but is 80000", "path": ["spec", "ports", 0, "port"], "fix": []}
	invalid.deny == {expected} with input as {"facts": {"schema": [fact]}}
}

test_pass_where_nothing_is_wrong if {
	count(invalid.deny) == 0 with input as {"facts": {"schema": []}}
}

test_pass_where_another_rule_speaks if {
	count(invalid.deny) == 0 with input as {"facts": {"schema": [{"path": ["spec", "ports", 0, "port"], "field": "spec.ports[0].port", "reason": "required", "message": "must be between 1 and 65535, but is 80000"}]}}
}

test_silent_without_facts if {
	count(invalid.deny) == 0 with input as {"kind": "ConfigMap"}
}

test_fix_by_what_was_meant if {
	fact := {"path": ["spec", "type"], "field": "spec.type", "reason": "enum", "message": "", "suggestion": "NodePort"}
	some finding in invalid.deny with input as {"spec": {"type": "Nodeport"}, "facts": {"schema": [fact]}}
	finding.fix == [{"title": `write "NodePort"`, "edits": [{"set": ["spec", "type"], "value": "NodePort"}]}]
}

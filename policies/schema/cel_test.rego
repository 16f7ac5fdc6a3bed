package kubevet.schema.cel_test

import data.kubevet.schema.cel
import rego.v1

definition := {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "namespace": null, "name": "rooms.example.com"}

broken(reason) := {
	"path": ["spec"], "field": "spec", "reason": reason, "message": "must not take more seats than there are",
	"rule": {"text": "self.taken <= self.seats", "reason": "FieldValueInvalid", "definition": definition, "path": ["spec", "versions", 0]},
}

test_fail_rule if {
	some finding in cel.deny with input as {"facts": {"schema": [broken("rule")]}}
	finding.msg == "spec: must not take more seats than there are"
	finding.path == ["spec"]
	finding.related[0].object == definition
	finding.related[0].path == ["spec", "versions", 0]
}

test_pass_where_nothing_is_wrong if {
	count(cel.deny) == 0 with input as {"facts": {"schema": []}}
}

test_pass_where_another_rule_speaks if {
	count(cel.deny) == 0 with input as {"facts": {"schema": [broken("invalid")]}}
}

test_silent_without_facts if {
	count(cel.deny) == 0 with input as {"kind": "Room"}
}

test_fail_rule_of_a_definition_elsewhere if {
	fact := object.union(broken("rule"), {"rule": {"definition": null}})
	some finding in cel.deny with input as {"facts": {"schema": [fact]}}
	finding.related == []
}

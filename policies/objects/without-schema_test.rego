package kubevet.objects.without_schema_test

import data.kubevet.objects.without_schema
import rego.v1

widget := {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "web"}}

with_coverage(coverage) := object.union(widget, {"facts": {"coverage": coverage}})

test_without_schema if {
	some finding in without_schema.deny with input as with_coverage({"unchecked": true})
	finding.msg == "no schema of Widget in example.com/v1 is known, so nothing checks its fields"
	finding.path == ["kind"]
}

test_with_schema if {
	count(without_schema.deny) == 0 with input as with_coverage({})
}

test_nothing_known if {
	count(without_schema.deny) == 0 with input as widget
}

package kubevet.availability.stateful_set_name_test

import data.kubevet.availability.stateful_set_name
import rego.v1

named(name) := {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": name}}

of_length(n) := concat("", [letter | some _ in numbers.range(1, n); letter := "a"])

test_53_characters if {
	some finding in stateful_set_name.deny with input as named(of_length(53))
	finding.path == ["metadata", "name"]
	startswith(finding.msg, "the name has 53 characters")
}

test_52_characters if {
	count(stateful_set_name.deny) == 0 with input as named(of_length(52))
}

test_another_group if {
	other := object.union(named(of_length(60)), {"apiVersion": "apps.example.com/v1"})
	count(stateful_set_name.deny) == 0 with input as other
}

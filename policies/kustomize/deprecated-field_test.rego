package kubevet.kustomize.deprecated_field_test

import data.kubevet.kustomize.deprecated_field
import rego.v1

test_fail if {
	notes := [{"kind": "another", "message": "not this one"}, {"kind": "deprecated-field", "message": "this one"}]
	deprecated_field.deny == {{"msg": "this one", "note": 1}} with input as {"objects": [], "notes": notes}
}

test_pass if {
	count(deprecated_field.deny) == 0 with input as {"objects": [], "notes": [{"kind": "another", "message": "not this one"}]}
	count(deprecated_field.deny) == 0 with input as {"objects": [], "notes": []}
	count(deprecated_field.deny) == 0 with input as {"objects": []}
}

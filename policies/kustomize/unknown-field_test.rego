package kubevet.kustomize.unknown_field_test

import data.kubevet.kustomize.unknown_field
import rego.v1

test_fail_at_the_note if {
	notes := [{"kind": "other", "message": "a"}, {"kind": "field-unknown", "message": "b"}]
	unknown_field.deny == {{"msg": "b", "note": 1}} with input as {"notes": notes}
}

test_pass_for_other_notes if {
	count(unknown_field.deny) == 0 with input as {"notes": [{"kind": "other", "message": "a"}]}
}

test_silent_without_notes if {
	count(unknown_field.deny) == 0 with input as {"objects": []}
}

package kubevet.kustomize.reference_left_test

import data.kubevet.kustomize.reference_left
import rego.v1

test_fail_at_the_note if {
	notes := [{"kind": "other", "message": "a"}, {"kind": "reference-left", "message": "b"}]
	reference_left.deny == {{"msg": "b", "note": 1}} with input as {"notes": notes}
}

test_pass_for_other_notes if {
	count(reference_left.deny) == 0 with input as {"notes": [{"kind": "other", "message": "a"}]}
}

test_silent_without_notes if {
	count(reference_left.deny) == 0 with input as {"objects": []}
}

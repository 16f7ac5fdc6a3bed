package kubevet.kustomize.moving_ref_test

import data.kubevet.kustomize.moving_ref
import rego.v1

test_fail_at_the_note if {
	notes := [{"kind": "other", "message": "a"}, {"kind": "reference-moves", "message": "b"}]
	moving_ref.deny == {{"msg": "b", "note": 1}} with input as {"notes": notes}
}

test_pass_for_other_notes if {
	count(moving_ref.deny) == 0 with input as {"notes": [{"kind": "other", "message": "a"}]}
}

test_silent_without_notes if {
	count(moving_ref.deny) == 0 with input as {"objects": []}
}

package kubevet.kustomize.target_is_wider_test

import data.kubevet.kustomize.target_is_wider
import rego.v1

test_fail_at_the_note if {
	notes := [{"kind": "other", "message": "a"}, {"kind": "target-is-wider", "message": "b"}]
	target_is_wider.deny == {{"msg": "b", "note": 1}} with input as {"notes": notes}
}

test_pass_for_other_notes if {
	count(target_is_wider.deny) == 0 with input as {"notes": [{"kind": "other", "message": "a"}]}
}

test_silent_without_notes if {
	count(target_is_wider.deny) == 0 with input as {"objects": []}
}

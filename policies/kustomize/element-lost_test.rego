package kubevet.kustomize.element_lost_test

import data.kubevet.kustomize.element_lost
import rego.v1

test_fail_at_the_note if {
	notes := [{"kind": "other", "message": "a"}, {"kind": "element-lost", "message": "b"}]
	element_lost.deny == {{"msg": "b", "note": 1}} with input as {"notes": notes}
}

test_pass_for_other_notes if {
	count(element_lost.deny) == 0 with input as {"notes": [{"kind": "other", "message": "a"}]}
}

test_silent_without_notes if {
	count(element_lost.deny) == 0 with input as {"objects": []}
}

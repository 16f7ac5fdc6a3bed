package kubevet.kustomize.label_spread_test

import data.kubevet.kustomize.label_spread
import rego.v1

test_fail_at_the_note if {
	notes := [{"kind": "other", "message": "a"}, {"kind": "label-spread", "message": "b"}]
	label_spread.deny == {{"msg": "b", "note": 1}} with input as {"notes": notes}
}

test_pass_for_other_notes if {
	count(label_spread.deny) == 0 with input as {"notes": [{"kind": "other", "message": "a"}]}
}

test_silent_without_notes if {
	count(label_spread.deny) == 0 with input as {"objects": []}
}

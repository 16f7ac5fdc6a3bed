package kubevet.kustomize.list_replaced_test

import data.kubevet.kustomize.list_replaced
import rego.v1

test_fail_at_the_note if {
	notes := [{"kind": "other", "message": "a"}, {"kind": "list-replaced", "message": "b"}]
	list_replaced.deny == {{"msg": "b", "note": 1}} with input as {"notes": notes}
}

test_pass_for_other_notes if {
	count(list_replaced.deny) == 0 with input as {"notes": [{"kind": "other", "message": "a"}]}
}

test_silent_without_notes if {
	count(list_replaced.deny) == 0 with input as {"objects": []}
}

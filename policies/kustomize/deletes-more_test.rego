package kubevet.kustomize.deletes_more_test

import data.kubevet.kustomize.deletes_more
import rego.v1

test_fail_at_the_note if {
	notes := [{"kind": "other", "message": "a"}, {"kind": "deletes-more", "message": "b"}]
	deletes_more.deny == {{"msg": "b", "note": 1}} with input as {"notes": notes}
}

test_pass_for_other_notes if {
	count(deletes_more.deny) == 0 with input as {"notes": [{"kind": "other", "message": "a"}]}
}

test_silent_without_notes if {
	count(deletes_more.deny) == 0 with input as {"objects": []}
}

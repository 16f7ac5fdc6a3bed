package kubevet.kustomize.deletes_nothing_test

import data.kubevet.kustomize.deletes_nothing
import rego.v1

test_fail_at_the_note if {
	notes := [{"kind": "other", "message": "a"}, {"kind": "deletes-nothing", "message": "b"}]
	deletes_nothing.deny == {{"msg": "b", "note": 1, "fix": {"title": "remove what deletes nothing", "edits": [{"source": "remove"}]}}} with input as {"notes": notes}
}

test_pass_for_other_notes if {
	count(deletes_nothing.deny) == 0 with input as {"notes": [{"kind": "other", "message": "a"}]}
}

test_silent_without_notes if {
	count(deletes_nothing.deny) == 0 with input as {"objects": []}
}

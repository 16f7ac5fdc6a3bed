package kubevet.kustomize.replace_added_test

import data.kubevet.kustomize.replace_added
import rego.v1

test_fail_at_the_note if {
	notes := [{"kind": "other", "message": "a"}, {"kind": "replace-added", "message": "b"}]
	replace_added.deny == {{"msg": "b", "note": 1}} with input as {"notes": notes}
}

test_pass_for_other_notes if {
	count(replace_added.deny) == 0 with input as {"notes": [{"kind": "other", "message": "a"}]}
}

test_silent_without_notes if {
	count(replace_added.deny) == 0 with input as {"objects": []}
}

package kubevet.kustomize.content_ignored_test

import data.kubevet.kustomize.content_ignored
import rego.v1

test_fail_at_the_note if {
	notes := [{"kind": "other", "message": "a"}, {"kind": "content-ignored", "message": "b"}]
	content_ignored.deny == {{"msg": "b", "note": 1}} with input as {"notes": notes}
}

test_pass_for_other_notes if {
	count(content_ignored.deny) == 0 with input as {"notes": [{"kind": "other", "message": "a"}]}
}

test_silent_without_notes if {
	count(content_ignored.deny) == 0 with input as {"objects": []}
}

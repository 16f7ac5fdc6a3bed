package kubevet.kustomize.target_matches_nothing_test

import data.kubevet.kustomize.target_matches_nothing
import rego.v1

test_fail_at_the_note if {
	notes := [{"kind": "other", "message": "a"}, {"kind": "target-matches-nothing", "message": "b"}]
	target_matches_nothing.deny == {{
		"msg": "b",
		"note": 1,
		"fix": {"title": "remove what matches nothing", "edits": [{"source": "remove"}]},
	}} with input as {"notes": notes}
}

test_pass_for_other_notes if {
	count(target_matches_nothing.deny) == 0 with input as {"notes": [{"kind": "other", "message": "a"}]}
}

test_silent_without_notes if {
	count(target_matches_nothing.deny) == 0 with input as {"objects": []}
}

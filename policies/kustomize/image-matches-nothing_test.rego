package kubevet.kustomize.image_matches_nothing_test

import data.kubevet.kustomize.image_matches_nothing
import rego.v1

test_fail_at_the_note if {
	notes := [{"kind": "other", "message": "a"}, {"kind": "image-matches-nothing", "message": "b"}]
	image_matches_nothing.deny == {{
		"msg": "b",
		"note": 1,
		"fix": {"title": "remove the override", "edits": [{"source": "remove"}]},
	}} with input as {"notes": notes}
}

test_pass_for_other_notes if {
	count(image_matches_nothing.deny) == 0 with input as {"notes": [{"kind": "other", "message": "a"}]}
}

test_silent_without_notes if {
	count(image_matches_nothing.deny) == 0 with input as {"objects": []}
}

package kubevet.kustomize.value_changed_test

import data.kubevet.kustomize.value_changed
import rego.v1

test_fail_at_the_note if {
	notes := [{"kind": "other", "message": "a"}, {"kind": "value-changed", "message": "b"}]
	value_changed.deny == {{
		"msg": "b",
		"note": 1,
		"fix": {"title": "quote it", "edits": [{"source": "quote"}]},
	}} with input as {"notes": notes}
}

test_pass_for_other_notes if {
	count(value_changed.deny) == 0 with input as {"notes": [{"kind": "other", "message": "a"}]}
}

test_silent_without_notes if {
	count(value_changed.deny) == 0 with input as {"objects": []}
}

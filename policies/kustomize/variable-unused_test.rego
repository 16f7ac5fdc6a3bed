package kubevet.kustomize.variable_unused_test

import data.kubevet.kustomize.variable_unused
import rego.v1

test_fail_at_the_note if {
	notes := [{"kind": "other", "message": "a"}, {"kind": "variable-unused", "message": "b"}]
	variable_unused.deny == {{
		"msg": "b",
		"note": 1,
		"fix": {"title": "remove the variable", "edits": [{"source": "remove"}]},
	}} with input as {"notes": notes}
}

test_pass_for_other_notes if {
	count(variable_unused.deny) == 0 with input as {"notes": [{"kind": "other", "message": "a"}]}
}

test_silent_without_notes if {
	count(variable_unused.deny) == 0 with input as {"objects": []}
}

package kubevet.kustomize.namespace_overwritten_test

import data.kubevet.kustomize.namespace_overwritten
import rego.v1

test_fail_at_the_note if {
	notes := [{"kind": "other", "message": "a"}, {"kind": "namespace-overwritten", "message": "b"}]
	namespace_overwritten.deny == {{"msg": "b", "note": 1}} with input as {"notes": notes}
}

test_pass_for_other_notes if {
	count(namespace_overwritten.deny) == 0 with input as {"notes": [{"kind": "other", "message": "a"}]}
}

test_silent_without_notes if {
	count(namespace_overwritten.deny) == 0 with input as {"objects": []}
}

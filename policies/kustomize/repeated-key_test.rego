package kubevet.kustomize.repeated_key_test

import data.kubevet.kustomize.repeated_key
import rego.v1

test_fail_at_the_note if {
	notes := [{"kind": "other", "message": "a"}, {"kind": "key-repeated", "message": "b"}]
	repeated_key.deny == {{"msg": "b", "note": 1}} with input as {"notes": notes}
}

test_pass_for_other_notes if {
	count(repeated_key.deny) == 0 with input as {"notes": [{"kind": "other", "message": "a"}]}
}

test_silent_without_notes if {
	count(repeated_key.deny) == 0 with input as {"objects": []}
}

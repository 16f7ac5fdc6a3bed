package kubevet.kustomize.name_without_hash_test

import data.kubevet.kustomize.name_without_hash
import rego.v1

test_fail_at_the_note if {
	notes := [{"kind": "other", "message": "a"}, {"kind": "name-without-hash", "message": "b"}]
	name_without_hash.deny == {{"msg": "b", "note": 1}} with input as {"notes": notes}
}

test_pass_for_other_notes if {
	count(name_without_hash.deny) == 0 with input as {"notes": [{"kind": "other", "message": "a"}]}
}

test_silent_without_notes if {
	count(name_without_hash.deny) == 0 with input as {"objects": []}
}

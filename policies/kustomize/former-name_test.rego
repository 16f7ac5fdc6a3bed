package kubevet.kustomize.former_name_test

import data.kubevet.kustomize.former_name
import rego.v1

test_fail_at_the_note if {
	notes := [{"kind": "other", "message": "a"}, {"kind": "former-name", "message": "b"}]
	former_name.deny == {{"msg": "b", "note": 1}} with input as {"notes": notes}
}

test_pass_for_other_notes if {
	count(former_name.deny) == 0 with input as {"notes": [{"kind": "other", "message": "a"}]}
}

test_silent_without_notes if {
	count(former_name.deny) == 0 with input as {"objects": []}
}

package kubevet.kustomize.repeated_affix_test

import data.kubevet.kustomize.repeated_affix
import rego.v1

test_fail_at_the_note if {
	notes := [{"kind": "other", "message": "a"}, {"kind": "affix-repeated", "message": "b"}]
	repeated_affix.deny == {{"msg": "b", "note": 1}} with input as {"notes": notes}
}

test_pass_for_other_notes if {
	count(repeated_affix.deny) == 0 with input as {"notes": [{"kind": "other", "message": "a"}]}
}

test_silent_without_notes if {
	count(repeated_affix.deny) == 0 with input as {"objects": []}
}

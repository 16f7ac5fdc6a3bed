package kubevet.kustomize.kept_quotes_test

import data.kubevet.kustomize.kept_quotes
import rego.v1

test_fail_at_the_note if {
	notes := [{"kind": "other", "message": "a"}, {"kind": "quotes-kept", "message": "b"}]
	kept_quotes.deny == {{"msg": "b", "note": 1}} with input as {"notes": notes}
}

test_pass_for_other_notes if {
	count(kept_quotes.deny) == 0 with input as {"notes": [{"kind": "other", "message": "a"}]}
}

test_silent_without_notes if {
	count(kept_quotes.deny) == 0 with input as {"objects": []}
}

package kubevet.change.exposure_test

import data.kubevet.change.exposure
import rego.v1

web := {"apiVersion": "v1", "kind": "Service", "namespace": "shop", "name": "web"}

messages(facts) := found if {
	found := {result.msg | some result in exposure.deny} with input as {"facts": {"change": {"exposure": facts}}}
}

exposed(to) := {"object": web, "path": ["spec"], "to": to, "what": ["a", "b"], "more": 0}

test_fail_each_way if {
	some to in object.keys(exposure.words)
	messages({"opened": [exposed(to)]}) == {sprintf(exposure.words[to], ["a, b", ""])}
}

test_fail_many if {
	messages({"opened": [object.union(exposed("outside"), {"more": 3})]}) == {"it is open to the outside now: a, b and 3 more"}
}

test_pass_what_is_closed if {
	count(messages({"opened": [], "closed": [exposed("outside")]})) == 0
}

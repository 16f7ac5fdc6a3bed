package kubevet.capacity.limit_range_test

import data.kubevet.capacity.limit_range
import rego.v1

object(fact) := {"kind": "Deployment", "facts": {"capacity": {"refused": [fact]}}}

test_fail_above_the_maximum if {
	limit_range.deny == {{"msg": "limit of cpu is 3, but the LimitRange's max is 2", "path": ["spec", "limits", "cpu"], "related": [{"object": {"kind": "LimitRange", "name": "l"}, "path": ["spec", "limits"], "note": "bounds it"}]}} with input as object({"path": ["spec", "limits", "cpu"], "resource": "cpu", "amount": "3", "bound": "max", "limit": "2", "range": {"kind": "LimitRange", "name": "l"}})
}

test_fail_below_the_minimum if {
	limit_range.deny == {{"msg": "request of cpu is 1m, but the LimitRange's min is 2", "path": ["spec", "requests", "cpu"], "related": [{"object": {"kind": "LimitRange", "name": "l"}, "path": ["spec", "limits"], "note": "bounds it"}]}} with input as object({"path": ["spec", "requests", "cpu"], "resource": "cpu", "amount": "1m", "bound": "min", "limit": "2", "range": {"kind": "LimitRange", "name": "l"}})
}

test_silent_without_facts if {
	count(limit_range.deny) == 0 with input as {"kind": "Deployment"}
}

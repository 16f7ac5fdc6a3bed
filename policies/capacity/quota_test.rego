package kubevet.capacity.quota_test

import data.kubevet.capacity.quota
import rego.v1

object(fact) := {"kind": "ResourceQuota", "facts": {"capacity": {"quota": [fact]}}}

test_fail_where_too_much_is_deployed if {
	quota.deny == {{"msg": "pods is 3, but 4 is deployed; the most by Deployment web 5, Pod x 1", "path": ["spec", "hard", "pods"]}} with input as object({"path": ["spec", "hard", "pods"], "resource": "pods", "hard": "3", "steady": "4", "peak": "6", "exceeded": true, "exceededAtPeak": true, "greatest": ["Deployment web 5", "Pod x 1"], "uncounted": []})
}

test_pass_where_only_the_peak_is_too_much if {
	count(quota.deny) == 0 with input as object({"path": ["spec", "hard", "pods"], "resource": "pods", "hard": "3", "steady": "2", "peak": "6", "exceeded": false, "exceededAtPeak": true, "greatest": ["Deployment web 5", "Pod x 1"], "uncounted": []})
}

test_silent_without_facts if {
	count(quota.deny) == 0 with input as {"kind": "ResourceQuota"}
}

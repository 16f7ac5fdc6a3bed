package kubevet.capacity.quota_unspecified_test

import data.kubevet.capacity.quota_unspecified
import rego.v1

object(fact) := {"kind": "Deployment", "facts": {"capacity": {"unspecified": [fact]}}}

test_fail_at_the_container if {
	quota_unspecified.deny == {{"msg": "ResourceQuota q counts limits.cpu, and the container does not say how much", "path": ["spec", "limits", "cpu"], "related": [{"object": {"kind": "ResourceQuota", "name": "q"}, "path": ["spec", "hard", "limits.cpu"], "note": "counts it"}]}} with input as object({"path": ["spec", "limits", "cpu"], "resource": "limits.cpu", "quota": {"kind": "ResourceQuota", "name": "q"}})
}

test_silent_without_facts if {
	count(quota_unspecified.deny) == 0 with input as {"kind": "Deployment"}
}

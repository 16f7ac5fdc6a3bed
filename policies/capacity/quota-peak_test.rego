package kubevet.capacity.quota_peak_test

import data.kubevet.capacity.quota_peak
import rego.v1

object(fact) := {"kind": "ResourceQuota", "facts": {"capacity": {"quota": [fact]}}}

test_fail_where_the_peak_is_too_much if {
	quota_peak.deny == {{"msg": "pods is 3, but rollouts, autoscalers and Jobs may ask for 6; the most by Deployment web 5, Pod x 1", "path": ["spec", "hard", "pods"]}} with input as object({"path": ["spec", "hard", "pods"], "resource": "pods", "hard": "3", "steady": "2", "peak": "6", "exceeded": false, "exceededAtPeak": true, "greatest": ["Deployment web 5", "Pod x 1"], "uncounted": []})
}

test_fail_names_what_is_not_counted if {
	quota_peak.deny == {{"msg": "pods is 3, but rollouts, autoscalers and Jobs may ask for 6; the most by Deployment web 5, Pod x 1 (one Pod each is counted for DaemonSet log)", "path": ["spec", "hard", "pods"]}} with input as object({"path": ["spec", "hard", "pods"], "resource": "pods", "hard": "3", "steady": "2", "peak": "6", "exceeded": false, "exceededAtPeak": true, "greatest": ["Deployment web 5", "Pod x 1"], "uncounted": ["DaemonSet log"]})
}

test_pass_where_the_steady_state_is_too_much_already if {
	count(quota_peak.deny) == 0 with input as object({"path": ["spec", "hard", "pods"], "resource": "pods", "hard": "3", "steady": "4", "peak": "6", "exceeded": true, "exceededAtPeak": true, "greatest": ["Deployment web 5", "Pod x 1"], "uncounted": []})
}

test_pass_where_it_fits if {
	count(quota_peak.deny) == 0 with input as object({"path": ["spec", "hard", "pods"], "resource": "pods", "hard": "3", "steady": "2", "peak": "3", "exceeded": false, "exceededAtPeak": false, "greatest": ["Deployment web 5", "Pod x 1"], "uncounted": []})
}

test_silent_without_facts if {
	count(quota_peak.deny) == 0 with input as {"kind": "ResourceQuota"}
}

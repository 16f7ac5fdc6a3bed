package kubevet.pod_security.enforced_test

import data.kubevet.pod_security.enforced
import rego.v1

namespace(labels) := {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": labels}}

test_fail if {
	enforced.deny == {{
		"msg": "the namespace enforces no Pod Security Standard; baseline is the least",
		"path": ["metadata", "labels", "pod-security.kubernetes.io/enforce"],
		"fix": {"title": "enforce baseline", "edits": [{"set": ["metadata", "labels", "pod-security.kubernetes.io/enforce"], "value": "baseline"}]},
	}} with input as namespace(null)
	count(enforced.deny) == 1 with input as namespace({"pod-security.kubernetes.io/enforce": "privileged"})
	count(enforced.deny) == 1 with input as namespace({"pod-security.kubernetes.io/warn": "restricted"})
}

test_fail_below_parameter if {
	count(enforced.deny) == 1 with input as namespace({"pod-security.kubernetes.io/enforce": "baseline"})
		with data.environment as {"parameters": {"podSecurity": "restricted"}}
}

test_pass if {
	count(enforced.deny) == 0 with input as namespace({"pod-security.kubernetes.io/enforce": "baseline"})
	count(enforced.deny) == 0 with input as namespace({"pod-security.kubernetes.io/enforce": "restricted"})
}

test_pass_for_a_namespace_of_the_cluster if {
	count(enforced.deny) == 0 with input as {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kube-system"}}
}

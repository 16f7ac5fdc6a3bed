package kubevet.rbac.node_proxy_test

import data.kubevet.rbac.node_proxy
import rego.v1

role(rule) := {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "rules": [rule]}

test_fail if {
	node_proxy.deny == {{
		"msg": "the role may reach kubelets (nodes/proxy)",
		"path": ["rules", 0, "resources"],
	}} with input as role({"apiGroups": [""], "resources": ["nodes/proxy"], "verbs": ["create"]})
	count(node_proxy.deny) == 1 with input as role({"apiGroups": [""], "resources": ["nodes/proxy"], "verbs": ["*"]})
}

test_pass if {
	count(node_proxy.deny) == 0 with input as role({"apiGroups": [""], "resources": ["configmaps"], "verbs": ["create"]})
	count(node_proxy.deny) == 0 with input as role({"apiGroups": ["other.example.com"], "resources": ["nodes/proxy"], "verbs": ["*"]})
}

package kubevet.rbac.exec_test

import data.kubevet.rbac.exec
import rego.v1

role(rule) := {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "rules": [rule]}

test_fail if {
	exec.deny == {{
		"msg": "the role may get into running Pods (pods/exec)",
		"path": ["rules", 0, "resources"],
	}} with input as role({"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["create"]})
	count(exec.deny) == 1 with input as role({"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["*"]})
}

test_pass if {
	count(exec.deny) == 0 with input as role({"apiGroups": [""], "resources": ["configmaps"], "verbs": ["create"]})
	count(exec.deny) == 0 with input as role({"apiGroups": ["other.example.com"], "resources": ["pods/exec"], "verbs": ["*"]})
}

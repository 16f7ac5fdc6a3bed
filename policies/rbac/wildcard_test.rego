package kubevet.rbac.wildcard_test

import data.kubevet.rbac.wildcard
import rego.v1

role(rule) := {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "rules": [rule]}

test_fail if {
	wildcard.deny == {{
		"msg": "the role grants all resources (*)",
		"path": ["rules", 0, "resources"],
	}} with input as role({"apiGroups": [""], "resources": ["*"], "verbs": ["get"]})
	count(wildcard.deny) == 3 with input as role({"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]})
}

test_pass if {
	count(wildcard.deny) == 0 with input as role({"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]})
	count(wildcard.deny) == 0 with input as role({"apiGroups": [""], "resources": ["*/status"], "verbs": ["get"]})
}

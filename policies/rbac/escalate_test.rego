package kubevet.rbac.escalate_test

import data.kubevet.rbac.escalate
import rego.v1

role(rule) := {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "rules": [rule]}

test_fail if {
	escalate.deny == {{
		"msg": "the role lets its holder take more rights (bind)",
		"path": ["rules", 0, "verbs"],
	}} with input as role({"apiGroups": ["rbac.authorization.k8s.io"], "resources": ["clusterroles"], "verbs": ["bind"]})
	count(escalate.deny) == 1 with input as role({"apiGroups": [""], "resources": ["users"], "verbs": ["impersonate"]})
}

test_pass if {
	count(escalate.deny) == 0 with input as role({"apiGroups": [""], "resources": ["users"], "verbs": ["get"]})
	count(escalate.deny) == 0 with input as role({"apiGroups": [""], "resources": ["users"], "verbs": ["impersonate"], "resourceNames": ["ci"]})
}

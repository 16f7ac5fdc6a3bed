package kubevet.rbac.read_secrets_test

import data.kubevet.rbac.read_secrets
import rego.v1

role(rule) := {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "rules": [rule]}

test_fail if {
	read_secrets.deny == {{
		"msg": "the role may read every Secret (secrets)",
		"path": ["rules", 0, "resources"],
	}} with input as role({"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]})
	count(read_secrets.deny) == 1 with input as role({"apiGroups": [""], "resources": ["secrets"], "verbs": ["*"]})
}

test_pass if {
	count(read_secrets.deny) == 0 with input as role({"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"]})
	count(read_secrets.deny) == 0 with input as role({"apiGroups": ["other.example.com"], "resources": ["secrets"], "verbs": ["*"]})
}

test_pass_named if {
	count(read_secrets.deny) == 0 with input as role({"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"], "resourceNames": ["app"]})
}

test_pass_create_only if {
	count(read_secrets.deny) == 0 with input as role({"apiGroups": [""], "resources": ["secrets"], "verbs": ["create"]})
}

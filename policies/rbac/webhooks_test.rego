package kubevet.rbac.webhooks_test

import data.kubevet.rbac.webhooks
import rego.v1

role(rule) := {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "rules": [rule]}

test_fail if {
	webhooks.deny == {{
		"msg": "the role may change admission webhooks (mutatingwebhookconfigurations)",
		"path": ["rules", 0, "resources"],
	}} with input as role({"apiGroups": ["admissionregistration.k8s.io"], "resources": ["mutatingwebhookconfigurations"], "verbs": ["create"]})
	count(webhooks.deny) == 1 with input as role({"apiGroups": ["admissionregistration.k8s.io"], "resources": ["mutatingwebhookconfigurations"], "verbs": ["*"]})
}

test_pass if {
	count(webhooks.deny) == 0 with input as role({"apiGroups": ["admissionregistration.k8s.io"], "resources": ["configmaps"], "verbs": ["create"]})
	count(webhooks.deny) == 0 with input as role({"apiGroups": ["other.example.com"], "resources": ["mutatingwebhookconfigurations"], "verbs": ["*"]})
}

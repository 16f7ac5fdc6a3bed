package kubevet.rbac.token_request_test

import data.kubevet.rbac.token_request
import rego.v1

role(rule) := {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "rules": [rule]}

test_fail if {
	token_request.deny == {{
		"msg": "the role may make tokens for every ServiceAccount (serviceaccounts/token)",
		"path": ["rules", 0, "resources"],
	}} with input as role({"apiGroups": [""], "resources": ["serviceaccounts/token"], "verbs": ["create"]})
	count(token_request.deny) == 1 with input as role({"apiGroups": [""], "resources": ["serviceaccounts/token"], "verbs": ["*"]})
}

test_pass if {
	count(token_request.deny) == 0 with input as role({"apiGroups": [""], "resources": ["configmaps"], "verbs": ["create"]})
	count(token_request.deny) == 0 with input as role({"apiGroups": ["other.example.com"], "resources": ["serviceaccounts/token"], "verbs": ["*"]})
}

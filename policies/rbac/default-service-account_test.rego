package kubevet.rbac.default_service_account_test

import data.kubevet.rbac.default_service_account
import rego.v1

binding(role, subject) := {
	"apiVersion": "rbac.authorization.k8s.io/v1",
	"kind": "ClusterRoleBinding",
	"roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
	"subjects": [subject],
}

app := {"kind": "ServiceAccount", "name": "app", "namespace": "shop"}

test_fail if {
	default_service_account.deny == {{
		"msg": "the role is given to a default ServiceAccount",
		"path": ["subjects", 0, "name"],
	}} with input as binding("view", {"kind": "ServiceAccount", "name": "default", "namespace": "shop"})
}

test_pass if {
	count(default_service_account.deny) == 0 with input as binding("view", app)
	count(default_service_account.deny) == 0 with input as binding("view", {"kind": "User", "name": "default"})
}

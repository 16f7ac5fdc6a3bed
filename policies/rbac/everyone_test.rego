package kubevet.rbac.everyone_test

import data.kubevet.rbac.everyone
import rego.v1

binding(role, subject) := {
	"apiVersion": "rbac.authorization.k8s.io/v1",
	"kind": "ClusterRoleBinding",
	"roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
	"subjects": [subject],
}

app := {"kind": "ServiceAccount", "name": "app", "namespace": "shop"}

test_fail if {
	everyone.deny == {{
		"msg": "the role is given to everyone (system:authenticated)",
		"path": ["subjects", 0, "name"],
	}} with input as binding("view", {"kind": "Group", "name": "system:authenticated"})
}

test_pass if {
	count(everyone.deny) == 0 with input as binding("view", app)
	count(everyone.deny) == 0 with input as binding("view", {"kind": "Group", "name": "system:serviceaccounts:shop"})
	count(everyone.deny) == 0 with input as object.union(binding("view", app), {"subjects": null})
}

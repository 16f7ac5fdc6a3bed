package kubevet.rbac.cluster_admin_test

import data.kubevet.rbac.cluster_admin
import rego.v1

binding(role, subject) := {
	"apiVersion": "rbac.authorization.k8s.io/v1",
	"kind": "ClusterRoleBinding",
	"roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
	"subjects": [subject],
}

app := {"kind": "ServiceAccount", "name": "app", "namespace": "shop"}

test_fail if {
	cluster_admin.deny == {{
		"msg": "the ClusterRoleBinding gives cluster-admin",
		"path": ["roleRef", "name"],
	}} with input as binding("cluster-admin", app)
}

test_pass if {
	count(cluster_admin.deny) == 0 with input as binding("view", app)
	count(cluster_admin.deny) == 0 with input as {"apiVersion": "v1", "kind": "RoleBinding", "roleRef": {"kind": "ClusterRole", "name": "cluster-admin"}}
}

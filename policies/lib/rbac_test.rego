package kubevet.lib.rbac_test

import data.kubevet.lib.rbac
import rego.v1

role(rules) := {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "rules": rules}

entry(groups, resources, verbs) := {"groups": groups, "resources": resources, "verbs": verbs}

test_rules if {
	found := rbac.rules with input as role([{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}, null])
	found[0].resources == {"pods"}
	found[0].names == set()
}

test_rules_of_other_kinds if rbac.rules == [] with input as {"apiVersion": "iam.example.com/v1", "kind": "Role", "rules": [{"verbs": ["*"]}]}

test_grants if {
	rbac.grants(entry({""}, {"secrets"}, {"get"}), "", "secrets", {"get", "list"})
	rbac.grants(entry({"*"}, {"secrets"}, {"*"}), "", "secrets", {"get"})
	rbac.grants(entry({""}, {"*/exec"}, {"create"}), "", "pods/exec", {"create"})
}

test_grants_not if {
	not rbac.grants(entry({"apps"}, {"secrets"}, {"get"}), "", "secrets", {"get"})
	not rbac.grants(entry({""}, {"secrets"}, {"delete"}), "", "secrets", {"get"})
	not rbac.grants(entry({""}, {"*"}, {"get"}), "", "secrets", {"get"})
}

test_subjects if {
	binding := {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "subjects": [{"kind": "User", "name": "a"}]}
	found := rbac.subjects with input as binding
	found == [{"subject": {"kind": "User", "name": "a"}, "path": ["subjects", 0]}]
}

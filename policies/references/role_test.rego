package kubevet.references.role_test

import data.kubevet.references.role
import rego.v1

object(dangling) := {"kind": "RoleBinding", "roleRef": {"name": dangling.name}, "facts": {"dangling": [dangling]}}

test_fail_at_the_role if {
	role.deny == {{
		"msg": "Role raeder does not exist; did you mean reader?",
		"path": ["roleRef", "name"],
		"fix": [{"title": `name "reader"`, "edits": [{"set": ["roleRef", "name"], "value": "reader"}]}],
	}} with input as object({"kind": "Role", "namespace": "shop", "name": "raeder", "similar": "reader", "path": ["roleRef", "name"]})
}

test_pass_for_accounts if {
	count(role.deny) == 0 with input as object({"kind": "ServiceAccount", "namespace": "shop", "name": "robot", "path": ["subjects"]})
}

test_silent_without_facts if {
	count(role.deny) == 0 with input as {"kind": "RoleBinding"}
}

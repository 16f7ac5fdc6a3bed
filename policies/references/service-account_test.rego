package kubevet.references.service_account_test

import data.kubevet.references.service_account
import rego.v1

path := ["spec", "somewhere"]

object(dangling) := {"kind": "Deployment", "spec": {"somewhere": dangling.name}, "facts": {"dangling": [dangling]}}

test_fail_at_the_reference if {
	expected := {{
		"msg": "ServiceAccount shop/settings does not exist",
		"path": path,
		"fix": [],
	}}
	service_account.deny == expected with input as object({"kind": "ServiceAccount", "namespace": "shop", "name": "settings", "path": path})
}

test_fail_says_what_was_meant if {
	expected := {{
		"msg": "ServiceAccount shop/setings does not exist; did you mean settings?",
		"path": path,
		"fix": [{"title": `name "settings"`, "edits": [{"set": path, "value": "settings"}]}],
	}}
	service_account.deny == expected with input as object({"kind": "ServiceAccount", "namespace": "shop", "name": "setings", "similar": "settings", "path": path})
}

test_pass_for_other_kinds if {
	count(service_account.deny) == 0 with input as object({"kind": "Other", "namespace": "shop", "name": "settings", "path": path})
}

test_pass_where_only_a_key_is_missing if {
	count(service_account.deny) == 0 with input as object({"kind": "ServiceAccount", "namespace": "shop", "name": "settings", "key": "a", "path": path})
}

test_pass_without_dangling_references if {
	count(service_account.deny) == 0 with input as {"kind": "Deployment", "facts": {"dangling": []}}
}

test_silent_without_facts if {
	count(service_account.deny) == 0 with input as {"kind": "Deployment"}
}

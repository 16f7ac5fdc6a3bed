package kubevet.references.key_test

import data.kubevet.references.key
import rego.v1

path := ["spec", "somewhere"]

object(dangling) := {"kind": "Deployment", "spec": {"somewhere": "pasword"}, "facts": {"dangling": [dangling]}}

test_fail_at_the_key if {
	expected := {{
		"msg": `Secret shop/db has no key "pasword"; did you mean password?`,
		"path": path,
		"fix": [{"title": `name "password"`, "edits": [{"set": path, "value": "password"}]}],
	}}
	key.deny == expected with input as object({"kind": "Secret", "namespace": "shop", "name": "db", "key": "pasword", "similar": "password", "path": path})
}

test_pass_where_the_object_is_missing if {
	count(key.deny) == 0 with input as object({"kind": "Secret", "namespace": "shop", "name": "db", "path": path})
}

test_silent_without_facts if {
	count(key.deny) == 0 with input as {"kind": "Deployment"}
}

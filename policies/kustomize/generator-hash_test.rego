package kubevet.kustomize.generator_hash_test

import data.kubevet.kustomize.generator_hash
import rego.v1

test_fail if {
	notes := [{"kind": "another", "message": "not this one"}, {"kind": "hash-disabled", "message": "this one"}]
	generator_hash.deny == {{
		"msg": "this one",
		"note": 1,
		"fix": {"title": "let the name change with the content", "edits": [{"source": "remove"}]},
	}} with input as {"objects": [], "notes": notes}
}

test_pass if {
	count(generator_hash.deny) == 0 with input as {"objects": [], "notes": [{"kind": "another", "message": "not this one"}]}
	count(generator_hash.deny) == 0 with input as {"objects": [], "notes": []}
	count(generator_hash.deny) == 0 with input as {"objects": []}
}

package kubevet.change.refused_update_test

import data.kubevet.change.refused_update
import rego.v1

web := {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "shop", "name": "web"}

test_fail_each_refusal if {
	refusal := {"path": ["spec", "selector"], "field": "spec.selector", "reason": "invalid", "message": "is immutable"}
	result := refused_update.deny with input as {"facts": {"change": {"objects": [{"object": web, "refused": [refusal]}]}}}
	result == {{
		"msg": "the API server refuses the update: spec.selector is immutable",
		"object": web,
		"path": ["spec", "selector"],
	}}
}

test_pass_where_nothing_is_refused if {
	count(refused_update.deny) == 0 with input as {"facts": {"change": {"objects": [{"object": web, "refused": []}]}}}
}

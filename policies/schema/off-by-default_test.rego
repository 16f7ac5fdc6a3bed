package kubevet.schema.off_by_default_test

import data.kubevet.schema.api_version
import data.kubevet.schema.off_by_default
import rego.v1

fact(reason) := {"path": ["apiVersion"], "field": "apiVersion", "reason": reason, "message": "of \"StorageVersion\" is off"}

test_fail_off_by_default if {
	expected := {"msg": "apiVersion of \"StorageVersion\" is off", "path": ["apiVersion"]}
	off_by_default.deny == {expected} with input as {"facts": {"schema": [fact("off")]}}
	count(api_version.deny) == 0 with input as {"facts": {"schema": [fact("off")]}}
}

test_pass_where_another_rule_speaks if {
	count(off_by_default.deny) == 0 with input as {"facts": {"schema": [fact("api-version")]}}
}

test_silent_without_facts if {
	count(off_by_default.deny) == 0 with input as {"kind": "ConfigMap"}
}

package kubevet.schema.api_version_test

import data.kubevet.schema.api_version
import rego.v1

test_fail_api_version if {
	fact := {"path": ["apiVersion"], "field": "apiVersion", "reason": "api-version", "message": "\"extensions/v1beta1\" has no kind \"Ingress\""}
	expected := {"msg": "apiVersion \"extensions/v1beta1\" has no kind \"Ingress\"", "path": ["apiVersion"], "fix": []}
	api_version.deny == {expected} with input as {"facts": {"schema": [fact]}}
}

test_pass_where_nothing_is_wrong if {
	count(api_version.deny) == 0 with input as {"facts": {"schema": []}}
}

test_pass_where_another_rule_speaks if {
	count(api_version.deny) == 0 with input as {"facts": {"schema": [{"path": ["apiVersion"], "field": "apiVersion", "reason": "required", "message": "\"extensions/v1beta1\" has no kind \"Ingress\""}]}}
}

test_silent_without_facts if {
	count(api_version.deny) == 0 with input as {"kind": "ConfigMap"}
}

test_fix_by_the_successor if {
	fact := {"path": ["apiVersion"], "field": "apiVersion", "reason": "api-version", "message": "", "suggestion": "batch/v1"}
	some finding in api_version.deny with input as {"apiVersion": "batch/v1beta1", "kind": "CronJob", "facts": {"schema": [fact]}}
	finding.fix == [{"title": "use batch/v1", "safe": true, "edits": [{"set": ["apiVersion"], "value": "batch/v1"}]}]
}

test_fix_of_a_kind if {
	fact := {"path": ["kind"], "field": "kind", "reason": "api-version", "message": "", "suggestion": "CronJob"}
	some finding in api_version.deny with input as {"apiVersion": "batch/v1", "kind": "CronJbo", "facts": {"schema": [fact]}}
	finding.fix == [{"title": "make it a CronJob", "edits": [{"set": ["kind"], "value": "CronJob"}]}]
}

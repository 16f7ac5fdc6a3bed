package kubevet.schema.api_version_test

import data.kubevet.schema.api_version
import rego.v1

test_fail_api_version if {
	fact := {"path": ["apiVersion"], "field": "apiVersion", "reason": "api-version", "message": "\"extensions/v1beta1\" has no kind \"Ingress\""}
	expected := {"msg": "apiVersion \"extensions/v1beta1\" has no kind \"Ingress\"", "path": ["apiVersion"]}
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

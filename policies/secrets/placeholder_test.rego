package kubevet.secrets.placeholder_test

import data.kubevet.secrets.placeholder
import rego.v1

secret(field, value) := {"apiVersion": "v1", "kind": "Secret", field: {"token": value}}

pod(name, value) := {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "app", "env": [{"name": name, "value": value}]}]}}

test_fail_placeholder_encoded if {
	placeholder.deny == {{
		"msg": `the Secret's value of "token" is a placeholder`,
		"path": ["data", "token"],
	}} with input as secret("data", "Y2hhbmdlbWU=")
}

test_fail_empty if {
	placeholder.deny == {{"msg": `the Secret's value of "token" is empty`, "path": ["stringData", "token"]}} with input as secret("stringData", "")
	count(placeholder.deny) == 1 with input as secret("data", "")
}

test_fail_variable if {
	placeholder.deny == {{
		"msg": `env API_TOKEN of container "app" is a credential, but its value is empty`,
		"path": ["spec", "containers", 0, "env", 0, "value"],
	}} with input as pod("API_TOKEN", "")
	count(placeholder.deny) == 1 with input as pod("API_TOKEN", "<your-token>")
}

test_fail_configmap if {
	count(placeholder.deny) == 1 with input as {"apiVersion": "v1", "kind": "ConfigMap", "data": {"DB_PASSWORD": "changeme"}}
}

test_empty_in_configmap if {
	count(placeholder.deny) == 1 with input as {"apiVersion": "v1", "kind": "ConfigMap", "data": {"DB_PASSWORD": ""}}
	count(placeholder.deny) == 0 with input as {"apiVersion": "v1", "kind": "ConfigMap", "data": {"s3_secret_access_key": ""}}
}

test_pass_real_values if {
	count(placeholder.deny) == 0 with input as secret("data", "aHVudGVyMg==")
	count(placeholder.deny) == 0 with input as secret("data", "/////w==")
	count(placeholder.deny) == 0 with input as pod("API_TOKEN", "hunter2")
}

test_pass_other_variables_may_be_empty if {
	count(placeholder.deny) == 0 with input as pod("EXTRA_ARGS", "")
	count(placeholder.deny) == 0 with input as pod("MODE", "example")
}

test_pass_null_and_broken_values if {
	count(placeholder.deny) == 0 with input as secret("data", null)
	count(placeholder.deny) == 0 with input as secret("data", "not base64!")
}

test_pass_where_it_is_filled_in_later if {
	every value in ["<path:kv/data/db#password>", "${TOKEN}"] {
		count(placeholder.deny) == 0 with input as pod("API_TOKEN", value)
	}
	count(placeholder.deny) == 1 with input as pod("API_TOKEN", "<password>")
}

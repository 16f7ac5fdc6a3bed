package kubevet.secrets.committed_secret_test

import data.kubevet.secrets.committed_secret
import rego.v1

test_fail_data if {
	committed_secret.deny == {{"msg": "the Secret has its values in Git: password, user", "path": ["data"]}} with input as {
		"apiVersion": "v1",
		"kind": "Secret",
		"data": {"user": "c29tYQ==", "password": "aHVudGVyMg=="},
	}
}

test_fail_string_data if {
	count(committed_secret.deny) == 1 with input as {"apiVersion": "v1", "kind": "Secret", "stringData": {"password": "hunter2"}}
}

test_fail_generated_with_hash if {
	count(committed_secret.deny) == 1 with input as {
		"apiVersion": "v1",
		"kind": "Secret",
		"metadata": {"name": "db-7g2k4h8b9c"},
		"data": {"password": "aHVudGVyMg=="},
	}
}

test_fail_binary if {
	count(committed_secret.deny) == 1 with input as {"apiVersion": "v1", "kind": "Secret", "data": {"key": "/////w=="}}
}

test_pass_without_data if {
	count(committed_secret.deny) == 0 with input as {"apiVersion": "v1", "kind": "Secret"}
	count(committed_secret.deny) == 0 with input as {"apiVersion": "v1", "kind": "Secret", "data": {}, "stringData": null}
}

test_pass_encrypted_or_templated if {
	count(committed_secret.deny) == 0 with input as {
		"apiVersion": "v1",
		"kind": "Secret",
		"stringData": {"a": "ENC[AES256_GCM,data:x,type:str]", "b": "<path:secret/data/app#password>", "c": ""},
	}
}

test_pass_other_kinds if {
	count(committed_secret.deny) == 0 with input as {"apiVersion": "example.com/v1", "kind": "Secret", "data": {"a": "aHVudGVyMg=="}}
}

package kubevet.lib.secret_test

import data.kubevet.lib.secret
import rego.v1

test_entries_decoded if {
	secret.entries == [
		{"key": "a", "text": "hunter2", "path": ["data", "a"]},
		{"key": "b", "text": "plain", "path": ["stringData", "b"]},
	] with input as {"apiVersion": "v1", "kind": "Secret", "data": {"a": "aHVudGVyMg=="}, "stringData": {"b": "plain"}}
}

test_binary_stays_encoded if {
	secret.entries == [{"key": "a", "text": "/////w==", "path": ["data", "a"]}] with input as {
		"apiVersion": "v1",
		"kind": "Secret",
		"data": {"a": "/////w==", "b": null},
	}
}

test_none_in_other_kinds if {
	secret.entries == [] with input as {"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": "aHVudGVyMg=="}}
}

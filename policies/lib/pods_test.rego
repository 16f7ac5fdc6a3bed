package kubevet.lib.pods_test

import data.kubevet.lib.pods
import rego.v1

test_all_kinds if {
	pod := {"spec": {"containers": [{"name": "a"}]}}
	objects := [
		{"apiVersion": "v1", "kind": "Pod", "spec": pod.spec},
		{"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"template": pod}},
		{"apiVersion": "apps/v1", "kind": "Deployment"},
		{"apiVersion": "example.com/v1", "kind": "Deployment", "spec": {"template": pod}},
		{"apiVersion": "v1", "kind": "ConfigMap"},
	]
	[entry.path | some entry in pods.all] == [[], ["spec", "template"], ["spec", "template"]] with input as {"objects": objects}
	[entry.pod.spec | some entry in pods.all] == [pod.spec, pod.spec] with input as {"objects": objects}
}

package kubevet.ingress.duplicate_path_test

import data.kubevet.ingress.duplicate_path
import rego.v1

ingress(name, host, path) := {
	"apiVersion": "networking.k8s.io/v1",
	"kind": "Ingress",
	"metadata": {"name": name, "namespace": "shop"},
	"spec": {"rules": [{"host": host, "http": {"paths": [{"path": path}]}}]},
}

test_fail if {
	some finding in duplicate_path.deny with input as {"objects": [ingress("a", "x.example.com", "/"), ingress("b", "x.example.com", "/")]}
	finding.msg == "Ingress/a also answers for x.example.com/"
	finding.object.name == "b"
}

test_pass if {
	count(duplicate_path.deny) == 0 with input as {"objects": [ingress("a", "x.example.com", "/"), ingress("b", "x.example.com", "/api")]}
	count(duplicate_path.deny) == 0 with input as {"objects": [ingress("a", "x.example.com", "/"), ingress("b", "y.example.com", "/")]}
}

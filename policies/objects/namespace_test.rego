package kubevet.objects.namespace_test

import data.kubevet.objects.namespace
import rego.v1

service(metadata) := {"apiVersion": "v1", "kind": "Service", "metadata": metadata}

test_fail_default if {
	some finding in namespace.deny with input as {"objects": [service({"name": "app", "namespace": "default"})]}
	finding.msg == "Service/app is in the namespace default"
}

test_fail_the_one_without if {
	some finding in namespace.deny with input as {"objects": [service({"name": "a", "namespace": "shop"}), service({"name": "b"})]}
	finding.msg == "Service/b has no namespace, though other objects of the overlay do"
	finding.object == {"apiVersion": "v1", "kind": "Service", "namespace": null, "name": "b"}
}

test_pass if {
	count(namespace.deny) == 0 with input as {"objects": [service({"name": "a", "namespace": "shop"})]}
	count(namespace.deny) == 0 with input as {"objects": [service({"name": "a"}), service({"name": "b"})]}
	count(namespace.deny) == 0 with input as {"objects": [
		service({"name": "a", "namespace": "shop"}),
		{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}},
	]}
}

package kubevet.objects.default_namespace_test

import data.kubevet.objects.default_namespace
import rego.v1

service(metadata) := {"apiVersion": "v1", "kind": "Service", "metadata": metadata}

test_fail if {
	default_namespace.deny == {{
		"msg": "the Service is in no namespace of its own",
		"path": ["metadata", "namespace"],
	}} with input as service({"name": "app"})
	count(default_namespace.deny) == 1 with input as service({"name": "app", "namespace": "default"})
}

test_pass if count(default_namespace.deny) == 0 with input as service({"name": "app", "namespace": "shop"})

package kubevet.ingress.snippet_test

import data.kubevet.ingress.snippet
import rego.v1

ingress(annotations) := {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "app", "annotations": annotations}}

test_fail if {
	count(snippet.deny) == 2 with input as ingress({
		"nginx.ingress.kubernetes.io/server-snippet": "x",
		"nginx.org/location-snippets": "x",
	})
}

test_pass if {
	count(snippet.deny) == 0 with input as ingress({"nginx.ingress.kubernetes.io/rewrite-target": "/"})
	count(snippet.deny) == 0 with input as ingress(null)
}

package kubevet.ingress.wildcard_host_test

import data.kubevet.ingress.wildcard_host
import rego.v1

ingress(spec) := {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "app"}, "spec": spec}

test_fail if {
	wildcard_host.deny == {{"msg": "the rule takes all hosts", "path": ["spec", "rules", 0, "host"]}} with input as ingress({"rules": [{"http": {}}]})
	count(wildcard_host.deny) == 1 with input as ingress({"rules": [{"host": "*"}]})
}

test_pass if {
	count(wildcard_host.deny) == 0 with input as ingress({"rules": [{"host": "a.example.com"}, {"host": "*.example.com"}]})
	count(wildcard_host.deny) == 0 with input as ingress({"defaultBackend": {}})
}

package kubevet.ingress.tls_test

import data.kubevet.ingress.tls
import rego.v1

ingress(spec) := {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "app"}, "spec": spec}

test_fail if {
	tls.deny == {{
		"msg": "host b.example.com has no TLS",
		"path": ["spec", "rules", 1, "host"],
	}} with input as ingress({"tls": [{"hosts": ["a.example.com"]}], "rules": [{"host": "a.example.com"}, {"host": "b.example.com"}]})
}

test_fail_all_hosts if {
	count(tls.deny) == 1 with input as ingress({"defaultBackend": {"service": {"name": "app"}}})
}

test_pass if {
	count(tls.deny) == 0 with input as ingress({"tls": [{"hosts": ["*.example.com"]}], "rules": [{"host": "a.example.com"}]})
	count(tls.deny) == 0 with input as ingress({"tls": [{"secretName": "all"}], "rules": [{"host": "a.example.com"}]})
	count(tls.deny) == 0 with input as ingress({"tls": [{"secretName": "all"}], "rules": [{"http": {}}]})
}

test_pass_other_group if {
	count(tls.deny) == 0 with input as {"apiVersion": "config.openshift.io/v1", "kind": "Ingress", "spec": {"domain": "x"}}
}

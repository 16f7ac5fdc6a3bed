package kubevet.network.ingress_backend_test

import data.kubevet.network.ingress_backend
import rego.v1

ingress(backends) := {"kind": "Ingress", "facts": {"network": {"closedBackends": backends}}}

test_fail_at_the_backend if {
	ingress_backend.deny == {{
		"msg": "no NetworkPolicy lets an ingress controller reach port 8080 of Deployment web",
		"path": ["spec", "somewhere"],
	}} with input as ingress([{"path": ["spec", "somewhere"], "port": 8080, "to": {"kind": "Deployment", "name": "web"}}])
}

test_pass_where_backends_are_open if {
	count(ingress_backend.deny) == 0 with input as ingress([])
}

test_silent_without_facts if {
	count(ingress_backend.deny) == 0 with input as {"kind": "Ingress"}
}

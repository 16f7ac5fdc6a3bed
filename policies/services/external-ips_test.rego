package kubevet.services.external_ips_test

import data.kubevet.services.external_ips
import rego.v1

service(spec) := {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "app"}, "spec": spec}

test_fail if {
	external_ips.deny == {{
		"msg": "the Service claims the external address 192.0.2.7",
		"path": ["spec", "externalIPs", 0],
	}} with input as service({"externalIPs": ["192.0.2.7"]})
}

test_pass if {
	count(external_ips.deny) == 0 with input as service({"externalIPs": []})
	count(external_ips.deny) == 0 with input as service({"externalIPs": null})
}

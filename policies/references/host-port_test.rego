package kubevet.references.host_port_test

import data.kubevet.references.host_port
import rego.v1

object(dangling) := {"kind": "Pod", "facts": {"dangling": [dangling]}}

test_fail_at_the_value if {
	host_port.deny == {{
		"msg": "Service shop/redis has no port 6380",
		"path": ["spec", "somewhere"],
		"related": [],
	}} with input as object({"kind": "Service", "namespace": "shop", "name": "redis", "port": "6380", "path": ["spec", "somewhere"]})
}

test_pass_where_the_service_is_missing if {
	count(host_port.deny) == 0 with input as object({"kind": "Service", "namespace": "shop", "name": "redis", "path": ["spec", "somewhere"]})
}

test_silent_without_facts if {
	count(host_port.deny) == 0 with input as {"kind": "Pod"}
}

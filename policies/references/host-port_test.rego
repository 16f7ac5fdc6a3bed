package kubevet.references.host_port_test

import data.kubevet.references.host_port
import rego.v1

path := ["spec", "somewhere"]

object(dangling) := {"kind": "Pod", "facts": {"dangling": [dangling]}}

test_fail_at_the_value if {
	host_port.deny == {{
		"msg": "Service shop/redis has no port 6380",
		"path": path,
		"related": [],
	}} with input as object({"kind": "Service", "namespace": "shop", "name": "redis", "port": "6380", "path": path})
}

test_pass_where_the_service_is_missing if {
	count(host_port.deny) == 0 with input as object({"kind": "Service", "namespace": "shop", "name": "redis", "path": path})
}

test_silent_without_facts if {
	count(host_port.deny) == 0 with input as {"kind": "Pod"}
}

package kubevet.references.host_test

import data.kubevet.references.host
import rego.v1

object(dangling) := {"kind": "Pod", "spec": {"somewhere": sprintf("redis://%s:6379/0", [dangling.name])}, "facts": {"dangling": [dangling]}}

test_fail_at_the_value if {
	host.deny == {{
		"msg": "Service shop/redsi does not exist; did you mean redis?",
		"path": ["spec", "somewhere"],
		"fix": [{"title": `name "redis"`, "edits": [{"set": ["spec", "somewhere"], "value": "redis://redis:6379/0"}]}],
		"related": [],
	}} with input as object({"kind": "Service", "namespace": "shop", "name": "redsi", "similar": "redis", "path": ["spec", "somewhere"]})
}

test_fail_points_at_the_configmap if {
	settings := {"apiVersion": "v1", "kind": "ConfigMap", "namespace": "shop", "name": "settings"}
	some finding in host.deny with input as object({
		"kind": "Service",
		"namespace": "shop",
		"name": "redis",
		"path": ["spec", "somewhere"],
		"source": {"object": settings, "path": ["data", "URL"]},
	})
	finding.related == [{"object": settings, "path": ["data", "URL"], "note": "named here"}]
}

test_pass_where_only_the_port_is_wrong if {
	count(host.deny) == 0 with input as object({"kind": "Service", "namespace": "shop", "name": "redis", "port": "1", "path": ["spec", "somewhere"]})
}

test_pass_for_other_kinds if {
	count(host.deny) == 0 with input as object({"kind": "Secret", "namespace": "shop", "name": "redis", "path": ["spec", "somewhere"]})
}

test_silent_without_facts if {
	count(host.deny) == 0 with input as {"kind": "Pod"}
}

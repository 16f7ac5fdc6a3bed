package kubevet.images.registry_test

import data.kubevet.images.registry
import rego.v1

pod(spec) := {"apiVersion": "v1", "kind": "Pod", "spec": spec}

with_image(text) := pod({"containers": [{"name": "app", "image": text}]})

table := {"name": "prod", "parameters": {"trustedRegistries": ["docker.io/library/", "ghcr.io/team/"]}}

test_fail if {
	registry.deny == {{
		"msg": `image docker.io/evil/redis of container "app" is from no trusted registry`,
		"path": ["spec", "containers", 0, "image"],
	}} with input as with_image("evil/redis:7") with data.environment as table
}

test_pass if {
	count(registry.deny) == 0 with input as with_image("redis:7") with data.environment as table
	count(registry.deny) == 0 with input as with_image("ghcr.io/team/app@sha256:abc") with data.environment as table
}

test_prefixes_end_where_a_part_of_the_name_ends if {
	every prefix in ["registry.shop.test", "registry.shop.test/", "registry.shop.test/team/app"] {
		parameters := {"name": "prod", "parameters": {"trustedRegistries": [prefix]}}
		count(registry.deny) == 0 with input as with_image("registry.shop.test/team/app:1") with data.environment as parameters
		every image in ["registry.shop.test.other.net/team/app:1", "registry.shop.testing/team/app:1", "team/app:1"] {
			count(registry.deny) == 1 with input as with_image(image) with data.environment as parameters
		}
	}
}

test_silent_without_parameter if count(registry.deny) == 0 with input as with_image("evil/redis:7")

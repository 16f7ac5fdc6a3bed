package kubevet.images.tag_test

import data.kubevet.images.tag
import rego.v1

pod(spec) := {"apiVersion": "v1", "kind": "Pod", "spec": spec}

with_image(text) := pod({"containers": [{"name": "app", "image": text}]})

test_fail if {
	tag.deny == {{
		"msg": `image redis of container "app" has no tag`,
		"path": ["spec", "containers", 0, "image"],
		"fix": {"title": "name a version", "edits": [{"set": ["spec", "containers", 0, "image"], "value": "redis:<kubevet: a version>"}]},
	}} with input as with_image("redis")
	some finding in tag.deny with input as with_image("registry:5000/redis:latest")
	finding.msg == `image registry:5000/redis:latest of container "app" has the tag "latest"`
}

test_fail_registry_port_is_no_tag if count(tag.deny) == 1 with input as with_image("registry:5000/redis")

test_pass if {
	count(tag.deny) == 0 with input as with_image("redis:7.4.11")
	count(tag.deny) == 0 with input as with_image("redis@sha256:abc")
	count(tag.deny) == 0 with input as with_image("redis:latest@sha256:abc")
}

test_pass_operator_chooses if {
	count(tag.deny) == 0 with input as {"apiVersion": "kafka.strimzi.io/v1", "kind": "Kafka", "spec": {"kafka": {}}}
}

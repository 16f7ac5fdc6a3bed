package kubevet.connections.authentication_test

import data.kubevet.connections.authentication
import rego.v1

kafka(listeners) := {"objects": [{
	"apiVersion": "kafka.strimzi.io/v1",
	"kind": "Kafka",
	"metadata": {"name": "k", "namespace": "shop"},
	"spec": {"kafka": {"listeners": listeners}},
}]}

test_fail if {
	authentication.deny == {{
		"msg": `Kafka listener "plain" lets in whoever reaches it`,
		"path": ["spec", "kafka", "listeners", 0],
		"object": {"apiVersion": "kafka.strimzi.io/v1", "kind": "Kafka", "namespace": "shop", "name": "k"},
	}} with input as kafka([
		{"name": "plain", "port": 9092, "type": "internal", "tls": true},
		{"name": "tls", "port": 9093, "type": "internal", "tls": true, "authentication": {"type": "tls"}},
	])
}

test_pass_nothing if {
	count(authentication.deny) == 0 with input as kafka([])
	count(authentication.deny) == 0 with input as {"objects": []}
	count(authentication.deny) == 0 with input as {"objects": [{"apiVersion": "kafka.strimzi.io/v1", "kind": "Kafka", "spec": {"kafka": {"listeners": null}}}]}
	count(authentication.deny) == 0 with input as {"objects": [{"apiVersion": "example.com/v1", "kind": "Kafka", "spec": {"kafka": {"listeners": [{}]}}}]}
}

package kubevet.connections.encryption_test

import data.kubevet.connections.encryption
import rego.v1

qdrant(settings) := {"objects": [{
	"apiVersion": "v1",
	"kind": "Pod",
	"metadata": {"name": "vectors", "namespace": "shop"},
	"spec": {"containers": [object.union({"name": "qdrant", "image": "qdrant/qdrant:v1"}, settings)]},
}]}

test_fail if {
	encryption.deny == {{
		"msg": `Qdrant in container "qdrant" takes connections without TLS`,
		"path": ["spec", "containers", 0],
		"object": {"apiVersion": "v1", "kind": "Pod", "namespace": "shop", "name": "vectors"},
	}} with input as qdrant({})
}

test_pass if {
	count(encryption.deny) == 0 with input as qdrant({"env": [{"name": "QDRANT__SERVICE__ENABLE_TLS", "value": "true"}]})
}

test_fail_switched_off if {
	count(encryption.deny) == 1 with input as qdrant({"env": [{"name": "QDRANT__SERVICE__ENABLE_TLS", "value": "false"}]})
}

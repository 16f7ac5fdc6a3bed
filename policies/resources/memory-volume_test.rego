package kubevet.resources.memory_volume_test

import data.kubevet.resources.memory_volume
import rego.v1

pod(spec) := {"apiVersion": "v1", "kind": "Pod", "spec": spec}

volume(source) := pod({"volumes": [{"name": "shm", "emptyDir": source}]})

test_fail if {
	memory_volume.deny == {{
		"msg": `volume "shm" is in memory, but has no sizeLimit`,
		"path": ["spec", "volumes", 0, "emptyDir", "sizeLimit"],
		"fix": {"title": "limit the volume's size", "edits": [{"set": ["spec", "volumes", 0, "emptyDir", "sizeLimit"], "value": "<kubevet: a size below the memory limit of the containers, such as 64Mi>"}]},
	}} with input as volume({"medium": "Memory"})
}

test_pass if {
	count(memory_volume.deny) == 0 with input as volume({"medium": "Memory", "sizeLimit": "64Mi"})
	count(memory_volume.deny) == 0 with input as volume({})
	count(memory_volume.deny) == 0 with input as volume(null)
}

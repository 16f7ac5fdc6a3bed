package kubevet.references.storage_class_test

import data.kubevet.references.storage_class
import rego.v1

object(dangling) := {"kind": "PersistentVolumeClaim", "spec": {"storageClassName": dangling.name}, "facts": {"dangling": [dangling]}}

test_fail_at_the_class if {
	storage_class.deny == {{
		"msg": "StorageClass fsat does not exist; did you mean fast?",
		"path": ["spec", "storageClassName"],
		"fix": [{"title": `name "fast"`, "edits": [{"set": ["spec", "storageClassName"], "value": "fast"}]}],
	}} with input as object({"kind": "StorageClass", "namespace": "", "name": "fsat", "similar": "fast", "path": ["spec", "storageClassName"]})
}

test_pass_for_other_kinds if {
	count(storage_class.deny) == 0 with input as object({"kind": "Secret", "namespace": "shop", "name": "a", "path": ["spec"]})
}

test_silent_without_facts if {
	count(storage_class.deny) == 0 with input as {"kind": "PersistentVolumeClaim"}
}

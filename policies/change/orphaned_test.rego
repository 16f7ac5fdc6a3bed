package kubevet.change.orphaned_test

import data.kubevet.change.orphaned
import rego.v1

web := {"apiVersion": "v1", "kind": "Service", "namespace": "shop", "name": "web"}

objects(change) := found if {
	found := {result.object | some result in orphaned.deny} with input as {"facts": {"change": {"objects": [change]}}}
}

test_fail_removed if {
	objects({"change": "removed", "object": web}) == {web}
}

test_fail_renamed if {
	objects({"change": "renamed", "object": object.union(web, {"name": "b"}), "was": web}) == {web}
}

test_pass_hashes_and_what_is_there if {
	count(objects({"change": "renamed", "object": object.union(web, {"name": "b"}), "was": web, "byHash": true})) == 0
	count(objects({"change": "changed", "object": web})) == 0
}

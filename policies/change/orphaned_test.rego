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

test_fail_many_together if {
	all := [change |
		some number in numbers.range(1, 7)
		change := {"change": "removed", "object": object.union(web, {"name": sprintf("web-%d", [number])})}
	]
	found := orphaned.deny with input as {"facts": {"change": {"objects": all}}}
	count(found) == 1
	some result in found
	startswith(result.msg, "it and 6 others are not in the manifests any more")
	moved := [change |
		some gone in all
		change := {"change": "renamed", "object": object.union(gone.object, {"namespace": "b"}), "was": gone.object}
	]
	others := orphaned.deny with input as {"facts": {"change": {"objects": moved}}}
	{result.msg | some result in others} == {"it is in namespace b now, and 6 others are called otherwise too: `kubectl apply` leaves the old ones in the cluster beside them"}
}

messages(now) := found if {
	change := {"change": "renamed", "object": object.union(web, now), "was": web}
	found := {result.msg | some result in orphaned.deny} with input as {"facts": {"change": {"objects": [change]}}}
}

test_fail_says_what_became_of_it if {
	end := " now: `kubectl apply` leaves the old one in the cluster beside it"
	messages({"kind": "Route"}) == {concat("", ["it is a Route", end])}
	messages({"name": "b"}) == {concat("", ["it is b", end])}
	messages({"namespace": "b"}) == {concat("", ["it is in namespace b", end])}
	messages({"apiVersion": "b.example/v1"}) == {concat("", ["it is b.example/v1", end])}
}

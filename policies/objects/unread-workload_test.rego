package kubevet.objects.unread_workload_test

import data.kubevet.objects.unread_workload
import rego.v1

app := {"apiVersion": "example.com/v1", "kind": "App", "metadata": {"name": "web"}}

with_unread(paths) := object.union(app, {"facts": {"coverage": {"unread": paths}}})

test_unread if {
	found := {finding.path | some finding in unread_workload.deny} with input as with_unread([["spec", "a"], ["spec", "b"]])
	found == {["spec", "a"], ["spec", "b"]}
}

test_the_kind_is_named if {
	some finding in unread_workload.deny with input as with_unread([["spec", "pod"]])
	contains(finding.msg, "no row for App of example.com/v1")
}

test_all_read if {
	count(unread_workload.deny) == 0 with input as object.union(app, {"facts": {"coverage": {}}})
}

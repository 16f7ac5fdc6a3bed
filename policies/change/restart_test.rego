package kubevet.change.restart_test

import data.kubevet.change.restart
import rego.v1

web := {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "shop", "name": "web"}

image := ["spec", "template", "spec", "containers", 0, "image"]

results(how, refused) := found if {
	found := restart.deny with input as {"facts": {"change": {"objects": [{
		"object": web,
		"restart": how,
		"refused": refused,
		"fields": [{"path": ["metadata", "labels", "a"]}, {"path": image}],
	}]}}}
}

test_fail_each_way if {
	some how in {"rolling", "at-once", "later"}
	results(how, []) == {{"msg": restart.words[how], "object": web, "path": image}}
}

test_pass_where_nothing_happens if {
	count(results("none", [])) == 0
	count(results("no-replicas", [])) == 0
	count(results("rolling", [{"path": []}])) == 0
}

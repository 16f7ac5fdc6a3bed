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
	results(how, []) == {{"msg": restart.words[how], "object": web, "path": image, "related": []}}
}

test_pass_where_nothing_happens if {
	count(results("none", [])) == 0
	count(results("no-replicas", [])) == 0
	count(results("rolling", [{"path": []}])) == 0
}

test_fail_what_new_pods_wait_for if {
	waits := [
		{"object": web, "path": [], "text": "for room", "forever": true},
		{"object": web, "path": [], "text": "for a node", "forever": false},
	]
	found := {result.msg | some result in restart.deny} with input as {"facts": {"change": {"objects": [], "waits": waits}}}
	found == {
		"its rollout comes to no end: new Pods wait for room, and no old one goes before",
		"its rollout may stand still: new Pods wait for a node",
	}
}

test_fail_points_at_what_is_hashed if {
	settings := {"apiVersion": "v1", "kind": "ConfigMap", "namespace": "shop", "name": "settings-2"}
	found := restart.deny with input as {"facts": {"change": {"objects": [
		{"object": settings, "restart": "none", "refused": [], "fields": [{"path": ["data", "mode"]}]},
		{"object": web, "restart": "rolling", "refused": [], "fields": [{"path": image}], "hashes": [settings]},
	]}}}
	some result in found
	result.related == [{"object": settings, "path": ["data", "mode"], "note": "changed here"}]
}

package kubevet.availability.spread_selector_test

import data.kubevet.availability.spread_selector
import rego.v1

deployment(spec) := {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "api", "namespace": "shop"}, "spec": spec}

spreading(label_selector) := deployment({"template": {
	"metadata": {"labels": {"app": "api"}},
	"spec": {"topologySpreadConstraints": [{"topologyKey": "zone", "labelSelector": label_selector}]},
}})

test_fail if {
	spread_selector.deny == {{
		"msg": "the topology spread constraint does not select the Pods of this template",
		"path": ["spec", "template", "spec", "topologySpreadConstraints", 0, "labelSelector"],
		"fix": [],
	}} with input as spreading({"matchLabels": {"app": "web"}})
	count(spread_selector.deny) == 1 with input as spreading(null)
}

test_pass if {
	count(spread_selector.deny) == 0 with input as spreading({"matchLabels": {"app": "api"}})
	count(spread_selector.deny) == 0 with input as spreading({"matchExpressions": [{"key": "app", "operator": "Exists"}]})
	count(spread_selector.deny) == 0 with input as deployment({"template": {"spec": {"topologySpreadConstraints": null}}})
}

test_fix_by_the_selector if {
	selecting := object.union(spreading(null), {"spec": {"selector": {"matchLabels": {"app": "api"}}}})
	some finding in spread_selector.deny with input as selecting
	finding.fix == [{"title": "select the Pods of this template", "edits": [{"set": finding.path, "value": {"matchLabels": {"app": "api"}}}]}]
}

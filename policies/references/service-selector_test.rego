package kubevet.references.service_selector_test

import data.kubevet.references.service_selector
import rego.v1

service(dangling) := {"kind": "Service", "facts": {"dangling": [dangling]}}

test_fail_where_nothing_is_selected if {
	service_selector.deny == {{"msg": "selector selects no workload of its namespace", "path": ["spec", "selector"], "related": [], "fix": []}} with input as service({"kind": "Pod", "name": "", "path": ["spec", "selector"]})
}

test_names_what_is_nearly_selected if {
	near := {"object": {"kind": "Deployment", "name": "web"}, "path": ["spec", "template", "metadata", "labels", "app"], "label": "app", "value": "shop"}
	some finding in service_selector.deny with input as service({"kind": "Pod", "name": "", "path": ["spec", "selector"], "nearest": near})
	finding.msg == "selector selects no workload of its namespace; did you mean Deployment web, whose app is shop?"
	finding.related[0].path == near.path
	some other in service_selector.deny with input as service({"kind": "Pod", "name": "", "path": ["spec", "selector"], "nearest": object.remove(near, ["value"])})
	endswith(other.msg, "which lacks app?")
}

selecting(dangling) := object.union(service(dangling), {"spec": {"selector": {"app": "web"}}})

near(more) := object.union({"object": {"kind": "Deployment", "name": "web"}, "path": ["spec", "template", "metadata", "labels", "app"], "label": "app"}, more)

fixes(more) := found.fix if {
	some found in service_selector.deny with input as selecting({"kind": "Pod", "name": "", "path": ["spec", "selector"], "nearest": near(more)})
}

test_offers_to_select_what_is_there if {
	fixes({"value": "shop"}) == [{"title": "select by app: shop", "edits": [{"set": ["spec", "selector", "app"], "value": "shop"}]}]
}

test_offers_to_label_what_lacks_it if {
	edit := {"object": near({}).object, "set": near({}).path, "value": "web"}
	fixes({}) == [{"title": "label the Pods app: web", "edits": [edit]}]
}

test_pass_where_a_port_is_missing if {
	count(service_selector.deny) == 0 with input as service({"kind": "Pod", "name": "", "port": "http", "path": ["spec", "ports"]})
}

test_silent_without_facts if {
	count(service_selector.deny) == 0 with input as {"kind": "Service"}
}

package kubevet.references.service_selector_test

import data.kubevet.references.service_selector
import rego.v1

service(dangling) := {"kind": "Service", "facts": {"dangling": [dangling]}}

test_fail_where_nothing_is_selected if {
	service_selector.deny == {{"msg": "selector selects no workload of its namespace", "path": ["spec", "selector"], "related": []}} with input as service({"kind": "Pod", "name": "", "path": ["spec", "selector"]})
}

test_names_what_is_nearly_selected if {
	near := {"object": {"kind": "Deployment", "name": "web"}, "path": ["spec", "template", "metadata", "labels", "app"], "label": "app", "value": "shop"}
	some finding in service_selector.deny with input as service({"kind": "Pod", "name": "", "path": ["spec", "selector"], "nearest": near})
	finding.msg == "selector selects no workload of its namespace; did you mean Deployment web, whose app is shop?"
	finding.related[0].path == near.path
	some other in service_selector.deny with input as service({"kind": "Pod", "name": "", "path": ["spec", "selector"], "nearest": object.remove(near, ["value"])})
	endswith(other.msg, "which lacks app?")
}

test_pass_where_a_port_is_missing if {
	count(service_selector.deny) == 0 with input as service({"kind": "Pod", "name": "", "port": "http", "path": ["spec", "ports"]})
}

test_silent_without_facts if {
	count(service_selector.deny) == 0 with input as {"kind": "Service"}
}

package kubevet.network.default_deny_test

import data.kubevet.lib.network
import data.kubevet.network.default_deny
import rego.v1

object := {"apiVersion": "v1", "kind": "Namespace", "namespace": null, "name": "shop"}

overlay(denied) := {"facts": {"network": {"namespaces": [{"name": "shop", "object": object, "workloads": 2, "defaultDeny": denied}]}}}

test_pass_where_both_directions_are_denied if {
	count(default_deny.deny) == 0 with input as overlay({"ingress": true, "egress": true})
}

test_fail_for_the_open_direction if {
	expected := {{
		"msg": "namespace shop has no default deny for egress: no NetworkPolicy isolates all of its Pods",
		"path": ["metadata", "name"],
		"object": object,
		"fix": network.default_deny("shop", ["egress"]),
	}}
	default_deny.deny == expected with input as overlay({"ingress": true, "egress": false})
}

test_fail_once_for_both_directions if {
	some finding in default_deny.deny with input as overlay({"ingress": false, "egress": false})
	contains(finding.msg, "for ingress or egress")
	count(default_deny.deny) == 1 with input as overlay({"ingress": false, "egress": false})
}

test_silent_without_facts if {
	count(default_deny.deny) == 0 with input as {"objects": []}
}

test_pass_in_a_namespace_of_the_cluster if {
	system := {"name": "kube-system", "object": object, "workloads": 1, "defaultDeny": {"ingress": false, "egress": false}}
	count(default_deny.deny) == 0 with input as {"facts": {"network": {"namespaces": [system]}}}
}

package kubevet.network.isolated_test

import data.kubevet.lib.network
import data.kubevet.network.isolated
import rego.v1

policy := {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "namespace": "shop", "name": "web"}

workload(changes) := {"kind": "Deployment", "facts": {"network": {"workload": object.union(
	{
		"namespace": "shop",
		"namespaceKnown": true,
		"labelsPath": ["spec", "template", "metadata", "labels"],
		"hostNetwork": false,
		"isolatedBy": {"ingress": [policy], "egress": [policy]},
	},
	changes,
)}}}

test_pass_where_selected_both_ways if {
	count(isolated.deny) == 0 with input as workload({})
}

test_fail_for_the_direction_without_policy if {
	isolated.deny == {{
		"msg": "no NetworkPolicy in namespace shop selects its Pods for egress",
		"path": ["spec", "template", "metadata", "labels"],
		"fix": network.default_deny("shop", ["egress"]),
	}} with input as workload({"isolatedBy": {"egress": []}})
}

test_fail_once_for_both_directions if {
	isolated.deny == {{
		"msg": "no NetworkPolicy in namespace shop selects its Pods for ingress or egress",
		"path": ["spec", "template", "metadata", "labels"],
		"fix": network.default_deny("shop", ["ingress", "egress"]),
	}} with input as workload({"isolatedBy": {"ingress": [], "egress": []}})
}

test_pass_on_the_network_of_the_node if {
	count(isolated.deny) == 0 with input as workload({"hostNetwork": true, "isolatedBy": {"ingress": [], "egress": []}})
}

test_pass_for_a_job_that_joins_an_unseen_namespace if {
	count(isolated.deny) == 0 with input as workload({"namespaceKnown": false, "isolatedBy": {"ingress": [], "egress": []}})
}

test_silent_without_facts if {
	count(isolated.deny) == 0 with input as {"kind": "Deployment"}
}

test_pass_in_a_namespace_of_the_cluster if {
	count(isolated.deny) == 0 with input as workload({"namespace": "kube-system", "isolatedBy": {"ingress": [], "egress": []}})
}

package kubevet.network.needed_flow_test

import data.kubevet.network.needed_flow
import rego.v1

flow := {
	"path": ["spec", "somewhere"],
	"service": "db",
	"to": {"apiVersion": "apps/v1", "kind": "StatefulSet", "namespace": "shop", "name": "db"},
	"protocol": "TCP",
	"port": 5432,
	"by": ["ingress"],
	"policies": [{"kind": "NetworkPolicy", "name": "db"}],
	"closed": [{
		"direction": "ingress",
		"namespace": "shop",
		"name": "db",
		"pods": {"matchLabels": {"app": "db"}},
		"policy": policy,
		"peer": {"podSelector": {"matchLabels": {"app": "web"}}},
	}],
}

policy := {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "namespace": "shop", "name": "db"}

workload(flows) := {"kind": "Deployment", "facts": {"network": {"workload": {"blocked": flows}}}}

test_fail_at_the_name if {
	needed_flow.deny == {{
		"msg": "needs TCP 5432 of StatefulSet db (Service db), but no NetworkPolicy allows the ingress",
		"path": ["spec", "somewhere"],
		"related": [{"object": {"kind": "NetworkPolicy", "name": "db"}, "path": ["spec"], "note": "isolates one side"}],
		"fix": [{"title": "allow it", "edits": [{
			"object": policy,
			"add": ["spec", "ingress"],
			"value": {"from": [{"podSelector": {"matchLabels": {"app": "web"}}}], "ports": [{"protocol": "TCP", "port": 5432}]},
		}]}],
	}} with input as workload([flow])
}

test_fail_points_at_the_configmap if {
	some finding in needed_flow.deny with input as workload([object.union(flow, {"source": {"object": {"kind": "ConfigMap", "name": "settings"}, "path": ["data", "URL"]}})])
	finding.related[0] == {"object": {"kind": "ConfigMap", "name": "settings"}, "path": ["data", "URL"], "note": "named here"}
}

test_fail_names_both_sides if {
	some finding in needed_flow.deny with input as workload([object.union(flow, {"by": ["egress", "ingress"]})])
	endswith(finding.msg, "allows the egress and the ingress")
}

test_pass_where_nothing_is_blocked if {
	count(needed_flow.deny) == 0 with input as workload([])
}

test_silent_without_facts if {
	count(needed_flow.deny) == 0 with input as {"kind": "Deployment"}
}

test_fix_by_a_policy_where_these_pods_have_none if {
	sender := {
		"direction": "egress",
		"namespace": "shop",
		"name": "web",
		"pods": {"matchLabels": {"app": "web"}},
		"peer": {"podSelector": {"matchLabels": {"app": "db"}}},
	}
	some finding in needed_flow.deny with input as workload([object.union(flow, {"by": ["egress"], "closed": [sender]})])
	finding.fix[0].edits == [{"create": {
		"apiVersion": "networking.k8s.io/v1",
		"kind": "NetworkPolicy",
		"metadata": {"name": "web-to-db", "namespace": "shop"},
		"spec": {
			"podSelector": {"matchLabels": {"app": "web"}},
			"policyTypes": ["Egress"],
			"egress": [{"to": [{"podSelector": {"matchLabels": {"app": "db"}}}], "ports": [{"protocol": "TCP", "port": 5432}]}],
		},
	}}]
}

test_no_fix_where_labels_do_not_tell_a_side if {
	some finding in needed_flow.deny with input as workload([object.union(flow, {"by": ["egress", "ingress"]})])
	finding.fix == []
}

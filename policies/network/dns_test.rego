package kubevet.network.dns_test

import data.kubevet.network.dns
import rego.v1

policy := {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "namespace": "shop", "name": "default-deny"}

workload(blocked) := {"kind": "Deployment", "facts": {"network": {"workload": {
	"labelsPath": ["spec", "template", "metadata", "labels"],
	"isolatedBy": {"ingress": [], "egress": [policy]},
	"dnsBlocked": blocked,
	"dnsAskers": {},
	"namespace": "shop",
}}}}

test_pass_where_dns_is_open if {
	count(dns.deny) == 0 with input as workload([])
}

test_fail_without_dns if {
	expected := {{
		"msg": "egress of its Pods is isolated, and no NetworkPolicy lets them ask DNS over UDP and TCP",
		"path": ["spec", "template", "metadata", "labels"],
		"related": [{"object": policy, "path": ["spec"], "note": "isolates these Pods for egress"}],
		"fix": [{"title": "let its Pods ask the cluster's DNS server", "edits": [{"create": {
			"apiVersion": "networking.k8s.io/v1",
			"kind": "NetworkPolicy",
			"metadata": {"name": "allow-dns", "namespace": "shop"},
			"spec": {
				"podSelector": {},
				"policyTypes": ["Egress"],
				"egress": [{
					"to": [{
						"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
						"podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
					}],
					"ports": [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}],
				}],
			},
		}}]}],
	}}
	dns.deny == expected with input as workload(["UDP", "TCP"])
}

test_fail_names_the_missing_protocol if {
	some finding in dns.deny with input as workload(["TCP"])
	endswith(finding.msg, "over TCP")
}

test_silent_without_facts if {
	count(dns.deny) == 0 with input as {"kind": "Deployment"}
}

test_fix_for_these_pods_where_others_are_open if {
	askers := {"matchLabels": {"app": "web"}}
	selecting := json.patch(workload(["UDP"]), [{"op": "replace", "path": "/facts/network/workload/dnsAskers", "value": askers}])
	some finding in dns.deny with input as object.union(selecting, {"metadata": {"name": "web"}})
	policy := finding.fix[0].edits[0].create
	policy.metadata.name == "web-dns"
	policy.spec.podSelector == askers
}

test_no_fix_where_nothing_selects_them if {
	some finding in dns.deny with input as json.patch(workload(["UDP"]), [{"op": "remove", "path": "/facts/network/workload/dnsAskers"}])
	finding.fix == []
}

package kubevet.network.dns_test

import data.kubevet.network.dns
import rego.v1

policy := {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "namespace": "shop", "name": "default-deny"}

workload(blocked) := {"kind": "Deployment", "facts": {"network": {"workload": {
	"labelsPath": ["spec", "template", "metadata", "labels"],
	"isolatedBy": {"ingress": [], "egress": [policy]},
	"dnsBlocked": blocked,
}}}}

test_pass_where_dns_is_open if {
	count(dns.deny) == 0 with input as workload([])
}

test_fail_without_dns if {
	expected := {{
		"msg": "egress of its Pods is isolated, and no NetworkPolicy lets them ask DNS over UDP and TCP",
		"path": ["spec", "template", "metadata", "labels"],
		"related": [{"object": policy, "path": ["spec"], "note": "isolates these Pods for egress"}],
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

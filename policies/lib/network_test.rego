package kubevet.lib.network_test

import data.kubevet.lib.network
import rego.v1

test_policy if {
	network.policy("a", "shop", {"matchLabels": {"app": "web"}}, {"policyTypes": ["Ingress"]}) == {
		"apiVersion": "networking.k8s.io/v1",
		"kind": "NetworkPolicy",
		"metadata": {"name": "a", "namespace": "shop"},
		"spec": {"podSelector": {"matchLabels": {"app": "web"}}, "policyTypes": ["Ingress"]},
	}
}

test_default_deny_of_one_direction if {
	fixes := network.default_deny("shop", ["ingress"])
	[proposed.title | some proposed in fixes] == ["deny what no other policy allows"]
	fixes[0].edits == [{"create": network.policy("default-deny-ingress", "shop", {}, {"policyTypes": ["Ingress"]})}]
}

test_default_deny_lets_dns_out if {
	fixes := network.default_deny("shop", ["ingress", "egress"])
	[proposed.title | some proposed in fixes] == ["deny all but DNS and what other policies allow", "deny what no other policy allows"]
	fixes[0].edits == [
		{"create": network.policy("default-deny", "shop", {}, {"policyTypes": ["Ingress", "Egress"]})},
		{"create": network.allow_dns("allow-dns", "shop", {})},
	]
}

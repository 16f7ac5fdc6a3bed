# METADATA
# title: NetworkPolicies
# description: Those that fixes add.
package kubevet.lib.network

import data.kubevet.lib.fix
import rego.v1

policy(name, space, pods, spec) := {
	"apiVersion": "networking.k8s.io/v1",
	"kind": "NetworkPolicy",
	"metadata": {"name": name, "namespace": space},
	"spec": object.union({"podSelector": pods}, spec),
}

# Lets Pods ask the cluster's DNS server, as kubeadm, kind and the cloud providers label it.
allow_dns(name, space, pods) := policy(name, space, pods, {"policyTypes": ["Egress"], "egress": [{
	"to": [{
		"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
		"podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
	}],
	"ports": [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}],
}]})

# Denies all Pods of a namespace what no other policy allows, in the given directions. Without DNS hardly any program works.
default_deny(space, directions) := array.concat(
	[fix.suggestion("deny all but DNS and what other policies allow", [deny, dns]) |
		"egress" in directions
		dns := {"create": allow_dns("allow-dns", space, {})}
	],
	[fix.suggestion("deny what no other policy allows", [deny])],
) if {
	name := concat("-", array.concat(["default-deny"], [direction | count(directions) == 1; some direction in directions]))
	deny := {"create": policy(name, space, {}, {"policyTypes": [types[direction] | some direction in directions]})}
}

# What a direction is called in policyTypes.
types := {"ingress": "Ingress", "egress": "Egress"}

package kubevet.network.host_network_test

import data.kubevet.network.host_network
import rego.v1

policy(paths) := {
	"apiVersion": "networking.k8s.io/v1",
	"kind": "NetworkPolicy",
	"metadata": {"name": "web"},
	"facts": {"network": {"policy": {"hostNetwork": paths}}},
}

test_selected if {
	some finding in host_network.deny with input as policy([["spec", "podSelector"]])
	startswith(finding.msg, "podSelector selects only Pods in the network of their node")
}

test_peer if {
	path := ["spec", "egress", 0, "to", 0]
	some finding in host_network.deny with input as policy([path])
	finding.path == path
	startswith(finding.msg, "this peer selects")
}

test_nothing if {
	count(host_network.deny) == 0 with input as policy([])
}

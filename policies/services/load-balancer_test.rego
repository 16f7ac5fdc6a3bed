package kubevet.services.load_balancer_test

import data.kubevet.services.load_balancer
import rego.v1

service(annotations, ranges) := {
	"apiVersion": "v1",
	"kind": "Service",
	"metadata": {"name": "app", "annotations": annotations},
	"spec": {"type": "LoadBalancer", "loadBalancerSourceRanges": ranges},
}

test_fail if {
	load_balancer.deny == {{
		"msg": "the load balancer is open to everyone",
		"path": ["spec", "loadBalancerSourceRanges"],
		"fix": {"title": "let certain addresses in", "edits": [{"set": ["spec", "loadBalancerSourceRanges"], "value": ["<kubevet: addresses that may connect, such as 203.0.113.0/24>"]}]},
	}} with input as service({}, null)
	count(load_balancer.deny) == 1 with input as service({}, [])
	count(load_balancer.deny) == 1 with input as service(null, ["0.0.0.0/0"])
}

# Where nothing is said of ranges, who made it a load balancer opened it.
test_fail_without_ranges if {
	load_balancer.deny == {{
		"msg": "the load balancer is open to everyone",
		"path": ["spec", "type"],
		"fix": {"title": "let certain addresses in", "edits": [{"set": ["spec", "loadBalancerSourceRanges"], "value": ["<kubevet: addresses that may connect, such as 203.0.113.0/24>"]}]},
	}} with input as {
		"apiVersion": "v1",
		"kind": "Service",
		"spec": {"type": "LoadBalancer"},
	}
}

test_pass if {
	count(load_balancer.deny) == 0 with input as service({}, ["192.0.2.0/24"])
	count(load_balancer.deny) == 0 with input as service({"networking.gke.io/load-balancer-type": "Internal"}, null)
	count(load_balancer.deny) == 0 with input as {"apiVersion": "v1", "kind": "Service", "spec": {"type": "ClusterIP"}}
}

test_pass_by_annotation if {
	annotations := [
		{"service.beta.kubernetes.io/load-balancer-source-ranges": "192.0.2.0/24, 198.51.100.0/24"},
		{"service.beta.kubernetes.io/azure-allowed-ip-ranges": "192.0.2.0/24"},
		{"service.beta.kubernetes.io/aws-load-balancer-internal": "0.0.0.0/0"},
		{"service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type": "private"},
	]
	every annotation in annotations {
		count(load_balancer.deny) == 0 with input as service(annotation, null)
	}
	with_class := object.union(service({}, null), {"spec": {"loadBalancerClass": "tailscale"}})
	count(load_balancer.deny) == 0 with input as with_class
}

test_fail_by_annotation if {
	every ranges in ["192.0.2.0/24, 0.0.0.0/0", "", " "] {
		annotations := {"service.beta.kubernetes.io/load-balancer-source-ranges": ranges}
		count(load_balancer.deny) == 1 with input as service(annotations, null)
	}
}

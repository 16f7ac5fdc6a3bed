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
	}} with input as service({}, null)
	count(load_balancer.deny) == 1 with input as service({}, [])
	count(load_balancer.deny) == 1 with input as service(null, ["0.0.0.0/0"])
}

test_pass if {
	count(load_balancer.deny) == 0 with input as service({}, ["192.0.2.0/24"])
	count(load_balancer.deny) == 0 with input as service({"networking.gke.io/load-balancer-type": "Internal"}, null)
	count(load_balancer.deny) == 0 with input as {"apiVersion": "v1", "kind": "Service", "spec": {"type": "ClusterIP"}}
}

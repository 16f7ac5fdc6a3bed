package kubevet.change.capacity_test

import data.kubevet.change.capacity
import rego.v1

web := {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "shop", "name": "web"}

resource := {
	"resource": "requests.cpu",
	"old": "1",
	"new": "2",
	"oldPeak": "2",
	"newPeak": "4",
	"rise": 100,
	"quota": null,
	"oldQuota": null,
	"fits": true,
	"fitted": true,
}

messages(resources) := found if {
	change := {"namespace": "shop", "object": web, "path": [], "resources": resources, "by": ["Deployment web: requests.cpu 1 → 2"]}
	found := {result.msg | some result in capacity.deny} with input as {"facts": {"change": {"capacity": [change]}}}
}

test_fail_a_rise if {
	messages([resource]) == {"namespace shop asks for more: requests.cpu 1 → 2 (Deployment web: requests.cpu 1 → 2)"}
	messages([object.union(resource, {"new": "1"})]) == {"namespace shop asks for more: requests.cpu 2 → 4 at the peak (Deployment web: requests.cpu 1 → 2)"}
}

test_fail_no_room if {
	full := object.union(resource, {"rise": 1, "quota": "1500m", "fits": false})
	messages([full]) == {"namespace shop asks for more: requests.cpu 1 → 2, of which the quota has 1500m (Deployment web: requests.cpu 1 → 2)"}
}

test_pass_a_little_or_less if {
	count(messages([object.union(resource, {"rise": 19})])) == 0
	count(messages([object.union(resource, {"rise": null})])) == 0
	count(messages([object.union(resource, {"rise": -50})])) == 0
	count(messages([object.union(resource, {"rise": 0, "fits": false, "fitted": false})])) == 0
}

test_fail_many_shortly if {
	all := [object.union(resource, {"resource": name}) | some name in ["a", "b", "c", "pods", "limits.cpu"]]
	messages(all) == {"namespace shop asks for more: pods 1 → 2, a 1 → 2, b 1 → 2, c 1 → 2 and 1 more (Deployment web: requests.cpu 1 → 2)"}
}

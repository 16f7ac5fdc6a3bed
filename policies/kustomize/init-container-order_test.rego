package kubevet.kustomize.init_container_order_test

import data.kubevet.kustomize.init_container_order
import rego.v1

test_fail if {
	notes := [{"kind": "another", "message": "not this one"}, {"kind": "init-containers-reordered", "message": "this one"}]
	init_container_order.deny == {{"msg": "this one", "note": 1}} with input as {"objects": [], "notes": notes}
}

test_pass if {
	count(init_container_order.deny) == 0 with input as {"objects": [], "notes": [{"kind": "another", "message": "not this one"}]}
	count(init_container_order.deny) == 0 with input as {"objects": [], "notes": []}
	count(init_container_order.deny) == 0 with input as {"objects": []}
}

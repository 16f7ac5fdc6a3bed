package kubevet.resources.unit_test

import data.kubevet.resources.unit
import rego.v1

with_resources(resources) := {
	"apiVersion": "v1",
	"kind": "Pod",
	"metadata": {"name": "app"},
	"spec": {"containers": [{"name": "app", "resources": resources}]},
}

test_fail_memory if {
	some finding in unit.deny with input as with_resources({"limits": {"memory": "128m"}})
	finding.msg == `limits of container "app" has a memory of 128m, which is less than a mebibyte; Mi stands for mebibytes`
	finding.path == ["spec", "containers", 0, "resources", "limits", "memory"]
}

test_fail if {
	every amounts in [{"memory": 128}, {"memory": "512"}, {"memory": "64000m"}, {"cpu": "100Mi"}, {"cpu": "2k"}, {"cpu": "0.5Gi"}] {
		count(unit.deny) == 1 with input as with_resources({"requests": amounts})
	}
}

test_pass if {
	amounts := [
		{"memory": "128Mi"}, {"memory": 134217728}, {"memory": "134217728000m"}, {"memory": "64k"}, {"memory": 0},
		{"cpu": "100m"}, {"cpu": 2}, {"cpu": "1.5"}, {},
	]
	every amount in amounts {
		count(unit.deny) == 0 with input as with_resources({"requests": amount, "limits": amount})
	}
}

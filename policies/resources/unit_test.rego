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

test_fail_beside_containers if {
	objects := [
		{"kind": "PersistentVolumeClaim", "spec": {"resources": {"requests": {"storage": "500m"}}}},
		{"kind": "LimitRange", "spec": {"limits": [{"type": "Container", "default": {"memory": "500m"}}]}},
		{"kind": "LimitRange", "spec": {"limits": [{"type": "Container", "max": {"cpu": "100Mi"}}]}},
		{"kind": "ResourceQuota", "spec": {"hard": {"requests.memory": "500m"}}},
		{"kind": "ResourceQuota", "spec": {"hard": {"limits.cpu": "10Gi"}}},
		{"kind": "Pod", "spec": {"containers": [], "volumes": [{"name": "a", "emptyDir": {"sizeLimit": "500m"}}]}},
	]
	every manifest in objects {
		count(unit.deny) == 1 with input as object.union({"apiVersion": "v1"}, manifest)
	}
	claim := {"metadata": {"name": "a"}, "spec": {"resources": {"requests": {"storage": "10"}}}}
	some finding in unit.deny with input as {"apiVersion": "apps/v1", "kind": "StatefulSet", "spec": {"volumeClaimTemplates": [claim]}}
	finding.msg == "the claim template a has a storage of 10, which is less than a kibibyte; Mi stands for mebibytes"
}

test_pass_beside_containers if {
	objects := [
		{"kind": "PersistentVolumeClaim", "spec": {"resources": {"requests": {"storage": "1Gi"}}}},
		{"kind": "LimitRange", "spec": {"limits": [{"type": "Container", "min": {"memory": "64Ki", "cpu": "10m"}}]}},
		{"kind": "ResourceQuota", "spec": {"hard": {"requests.memory": "64Gi", "limits.cpu": "10", "pods": "500m", "requests.nvidia.com/gpu": 4}}},
		{"kind": "Pod", "spec": {"containers": [], "volumes": [{"name": "a", "emptyDir": {"sizeLimit": "64Ki"}}, {"name": "b", "emptyDir": {}}]}},
	]
	every manifest in objects {
		count(unit.deny) == 0 with input as object.union({"apiVersion": "v1"}, manifest)
	}
}

test_fix_in_the_unit_that_was_meant if {
	expected := {
		"128m": ["128Mi"],
		"512": ["512Mi", "512Gi"],
	}
	every amount, meant in expected {
		some finding in unit.deny with input as with_resources({"limits": {"memory": amount}})
		finding.fix == [{"title": sprintf("write %v", [better]), "edits": [{"set": finding.path, "value": better}]} | some better in meant]
	}
	some finding in unit.deny with input as with_resources({"requests": {"cpu": "100Mi"}})
	finding.fix == [{"title": "write 100m", "edits": [{"set": finding.path, "value": "100m"}]}]
}

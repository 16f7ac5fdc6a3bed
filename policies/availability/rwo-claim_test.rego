package kubevet.availability.rwo_claim_test

import data.kubevet.availability.rwo_claim
import rego.v1

deployment(name, spec) := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {"name": name, "namespace": "shop"},
	"spec": object.union({"template": {"metadata": {"labels": {"app": name}}}}, spec),
}

claim(modes) := {
	"apiVersion": "v1",
	"kind": "PersistentVolumeClaim",
	"metadata": {"name": "data", "namespace": "shop"},
	"spec": {"accessModes": modes},
}

mounting(spec) := deployment("api", object.union(
	{"template": {"spec": {"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]}}},
	spec,
))

test_fail_replicas if {
	some finding in rwo_claim.deny with input as {"objects": [mounting({"replicas": 2}), claim(["ReadWriteOnce"])]}
	finding.msg == "claim data can be used from one node only, but the Deployment has 2 replicas"
	finding.fix == []
	finding.path == ["spec", "template", "spec", "volumes", 0, "persistentVolumeClaim"]
}

test_fail_rolling_update if {
	some finding in rwo_claim.deny with input as {"objects": [mounting({}), claim(["ReadWriteOncePod"])]}
	finding.msg == "claim data can be used from one node only, but the Deployment replaces its Pod by a RollingUpdate"
	finding.fix[0].edits == [{"set": ["spec", "strategy"], "value": {"type": "Recreate"}}]
}

test_pass if {
	count(rwo_claim.deny) == 0 with input as {"objects": [mounting({"strategy": {"type": "Recreate"}}), claim(["ReadWriteOnce"])]}
	count(rwo_claim.deny) == 0 with input as {"objects": [mounting({"strategy": {"rollingUpdate": {"maxSurge": 0}}}), claim(["ReadWriteOnce"])]}
	count(rwo_claim.deny) == 0 with input as {"objects": [mounting({"replicas": 2}), claim(["ReadWriteMany"])]}
	count(rwo_claim.deny) == 0 with input as {"objects": [mounting({"replicas": 2})]}
}

package kubevet.availability.hpa_fixed_replicas_test

import data.kubevet.availability.hpa_fixed_replicas
import rego.v1

deployment(name, spec) := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {"name": name, "namespace": "shop"},
	"spec": object.union({"template": {"metadata": {"labels": {"app": name}}}}, spec),
}

autoscaler(spec) := {
	"apiVersion": "autoscaling/v2",
	"kind": "HorizontalPodAutoscaler",
	"metadata": {"name": "api", "namespace": "shop"},
	"spec": object.union({"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "api"}}, spec),
}

test_fail if {
	some finding in hpa_fixed_replicas.deny with input as {"objects": [deployment("api", {"replicas": 3}), autoscaler({})]}
	finding.msg == "replicas is fixed to 3, though a HorizontalPodAutoscaler scales it"
	finding.object.kind == "Deployment"
}

test_pass if {
	count(hpa_fixed_replicas.deny) == 0 with input as {"objects": [deployment("api", {}), autoscaler({})]}
	count(hpa_fixed_replicas.deny) == 0 with input as {"objects": [deployment("api", {"replicas": null}), autoscaler({})]}
	count(hpa_fixed_replicas.deny) == 0 with input as {"objects": [deployment("api", {"replicas": 3})]}
}

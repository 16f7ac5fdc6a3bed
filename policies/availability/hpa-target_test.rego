package kubevet.availability.hpa_target_test

import data.kubevet.availability.hpa_target
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
	some finding in hpa_target.deny with input as {"objects": [deployment("web", {}), autoscaler({})]}
	finding.msg == "Deployment api, which it scales, is not in the overlay"
	finding.object.kind == "HorizontalPodAutoscaler"
}

test_fail_other_namespace if {
	other := object.union(deployment("api", {}), {"metadata": {"namespace": "other"}})
	count(hpa_target.deny) == 1 with input as {"objects": [other, deployment("web", {}), autoscaler({})]}
}

test_pass if count(hpa_target.deny) == 0 with input as {"objects": [deployment("api", {}), autoscaler({})]}

test_pass_without_workloads if count(hpa_target.deny) == 0 with input as {"objects": [autoscaler({})]}

test_pass_custom_kind if {
	count(hpa_target.deny) == 0 with input as {"objects": [deployment("web", {}), autoscaler({"scaleTargetRef": {"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "name": "api"}})]}
}

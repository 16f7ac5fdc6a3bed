package kubevet.availability.replicas_test

import data.kubevet.availability.replicas
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

table := {"name": "prod", "parameters": {"minReplicas": 2}}

test_fail if {
	replicas.deny == {{
		"msg": "too few replicas: 1; 2 is the least here",
		"path": ["spec", "replicas"],
		"fix": {"title": "run 2 replicas", "edits": [{"set": ["spec", "replicas"], "value": 2}]},
		"object": {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "shop", "name": "api"},
	}} with input as {"objects": [deployment("api", {})]} with data.environment as table
}

test_fail_autoscaler_starts_lower if {
	count(replicas.deny) == 1 with input as {"objects": [deployment("api", {"replicas": 3}), autoscaler({"maxReplicas": 5})]}
		with data.environment as table
}

test_pass if {
	count(replicas.deny) == 0 with input as {"objects": [deployment("api", {"replicas": 2})]} with data.environment as table
	count(replicas.deny) == 0 with input as {"objects": [deployment("api", {}), autoscaler({"minReplicas": 2})]} with data.environment as table
	count(replicas.deny) == 0 with input as {"objects": [deployment("api", {})]}
}

# Flux and its like fill it in.
test_pass_placeholder if {
	count(replicas.deny) == 0 with input as {"objects": [deployment("api", {"replicas": "${REPLICAS}"})]} with data.environment as table
}

test_fix_of_the_autoscaler if {
	some finding in replicas.deny with input as {"objects": [deployment("api", {"replicas": 3}), autoscaler({"maxReplicas": 5})]}
		with data.environment as table
	finding.fix.edits == [{
		"object": {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "namespace": "shop", "name": "api"},
		"set": ["spec", "minReplicas"],
		"value": 2,
	}]
}

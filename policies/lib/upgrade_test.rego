package kubevet.lib.upgrade_test

import data.kubevet.lib.upgrade
import rego.v1

edits_of(object, version) := edits if {
	fixes := upgrade.to(version) with input as object
	edits := array.slice(fixes[0].edits, 1, 100)
}

is_safe(object, version) if {
	fixes := upgrade.to(version) with input as object
	fixes[0].safe
}

test_version_alone if {
	fixes := upgrade.to("batch/v1") with input as {"apiVersion": "batch/v1beta1", "kind": "CronJob"}
	fixes == [{"title": "use batch/v1", "safe": true, "edits": [{"set": ["apiVersion"], "value": "batch/v1"}]}]
}

test_what_nobody_here_knows_is_not_safe if {
	not is_safe({"apiVersion": "kafka.strimzi.io/v1beta2", "kind": "Kafka"}, "kafka.strimzi.io/v1")
	not is_safe({"apiVersion": "extensions/v1beta1", "kind": "DaemonSet"}, "apps/v1")
}

test_empty_selector_of_a_budget_means_more if {
	budget := {"apiVersion": "policy/v1beta1", "kind": "PodDisruptionBudget", "spec": {"selector": {"matchLabels": {"app": "a"}}}}
	is_safe(budget, "policy/v1")
	not is_safe(object.remove(budget, ["spec"]), "policy/v1")
	not is_safe(object.union(object.remove(budget, ["spec"]), {"spec": {"selector": {}}}), "policy/v1")
}

test_selector_that_was_filled_in if {
	deployment := {"apiVersion": "extensions/v1beta1", "kind": "Deployment", "spec": {"template": {"metadata": {"labels": {"app": "a"}}}}}
	edits_of(deployment, "apps/v1") == [{"set": ["spec", "selector", "matchLabels"], "value": {"app": "a"}}]
	edits_of(object.union(deployment, {"apiVersion": "apps/v1beta2"}), "apps/v1") == []
}

metric(of) := edits[0].value if {
	object := {"apiVersion": "autoscaling/v2beta1", "kind": "HorizontalPodAutoscaler", "spec": {"metrics": [of]}}
	edits := edits_of(object, "autoscaling/v2")
	count(edits) == 1
}

test_metrics if {
	metric({"type": "Resource", "resource": {"name": "cpu", "targetAverageUtilization": 80}}) == {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}}
	metric({"type": "Resource", "resource": {"name": "memory", "targetAverageValue": "1Gi"}}) == {"name": "memory", "target": {"type": "AverageValue", "averageValue": "1Gi"}}
	metric({"type": "Pods", "pods": {"metricName": "requests", "targetAverageValue": "10"}}) == {
		"metric": {"name": "requests"},
		"target": {"type": "AverageValue", "averageValue": "10"},
	}
	metric({"type": "Object", "object": {"target": {"kind": "Ingress", "name": "web"}, "metricName": "requests", "targetValue": "10"}}) == {
		"describedObject": {"kind": "Ingress", "name": "web"},
		"metric": {"name": "requests"},
		"target": {"type": "Value", "value": "10"},
	}
	metric({"type": "External", "external": {"metricName": "queue", "metricSelector": {"matchLabels": {"a": "b"}}, "targetValue": "30"}}) == {
		"metric": {"name": "queue", "selector": {"matchLabels": {"a": "b"}}},
		"target": {"type": "Value", "value": "30"},
	}
}

test_ingress if {
	backend := {"serviceName": "web", "servicePort": 80}
	newer := {"service": {"name": "web", "port": {"number": 80}}}
	ingress := {
		"apiVersion": "networking.k8s.io/v1beta1",
		"kind": "Ingress",
		"spec": {"backend": backend, "rules": [
			{"host": "without.example"},
			{"http": {"paths": [{"path": "/", "backend": backend}, {"pathType": "Exact", "path": "/a", "backend": {"serviceName": "a", "servicePort": "http"}}]}},
		]},
	}
	edits_of(ingress, "networking.k8s.io/v1") == [
		{"remove": ["spec", "backend"]},
		{"set": ["spec", "defaultBackend"], "value": newer},
		{"set": ["spec", "rules", 1, "http", "paths", 0, "backend"], "value": newer},
		{"set": ["spec", "rules", 1, "http", "paths", 1, "backend"], "value": {"service": {"name": "a", "port": {"name": "http"}}}},
		{"set": ["spec", "rules", 1, "http", "paths", 0, "pathType"], "value": "ImplementationSpecific"},
	]
}

test_no_fix_with_too_many_edits if {
	paths := [{"path": "/", "backend": {"serviceName": "web", "servicePort": 80}} | some _ in numbers.range(1, 40)]
	fixes := upgrade.to("networking.k8s.io/v1") with input as {
		"apiVersion": "extensions/v1beta1",
		"kind": "Ingress",
		"spec": {"rules": [{"http": {"paths": paths}}]},
	}
	fixes == []
}

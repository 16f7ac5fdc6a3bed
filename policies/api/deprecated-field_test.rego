package kubevet.api.deprecated_field_test

import data.kubevet.api.deprecated_field
import rego.v1

pod(spec) := {"apiVersion": "v1", "kind": "Pod", "spec": spec}

test_fail_annotation if {
	deprecated_field.deny == {{
		"msg": "annotation kubernetes.io/ingress.class is deprecated; use spec.ingressClassName",
		"path": ["metadata", "annotations", "kubernetes.io/ingress.class"],
		"fix": [{"title": "use the field", "edits": [{"remove": ["metadata", "annotations", "kubernetes.io/ingress.class"]}, {"set": ["spec", "ingressClassName"], "value": "nginx"}]}],
	}} with input as {
		"apiVersion": "networking.k8s.io/v1",
		"kind": "Ingress",
		"metadata": {"annotations": {"kubernetes.io/ingress.class": "nginx"}},
	}
}

test_fail_annotation_of_a_container if {
	template := {"metadata": {"annotations": {"container.apparmor.security.beta.kubernetes.io/app": "runtime/default"}}, "spec": {}}
	count(deprecated_field.deny) == 1 with input as {"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"template": template}}
}

test_fail_pod_fields if {
	every spec in [
		{"nodeSelector": {"beta.kubernetes.io/os": "linux"}},
		{"topologySpreadConstraints": [{"topologyKey": "failure-domain.beta.kubernetes.io/zone"}]},
		{"serviceAccount": "app"},
		{"volumes": [{"name": "src", "gitRepo": {"repository": "x"}}]},
	] {
		count(deprecated_field.deny) == 1 with input as pod(spec)
	}
}

test_traffic_distribution_from_1_35 if {
	service := {"apiVersion": "v1", "kind": "Service", "spec": {"trafficDistribution": "PreferClose"}}
	count(deprecated_field.deny) == 1 with input as service
	count(deprecated_field.deny) == 0 with input as service with data.environment as {"parameters": {"kubernetesVersion": "1.34"}}
}

test_fail_recycle if {
	count(deprecated_field.deny) == 1 with input as {"apiVersion": "v1", "kind": "PersistentVolume", "spec": {"persistentVolumeReclaimPolicy": "Recycle"}}
}

test_pass if {
	count(deprecated_field.deny) == 0 with input as pod({"serviceAccountName": "app", "nodeSelector": {"kubernetes.io/os": "linux"}})
	count(deprecated_field.deny) == 0 with input as pod({"serviceAccountName": "app", "serviceAccount": "app"})
	count(deprecated_field.deny) == 0 with input as pod({"volumes": [{"name": "tmp", "emptyDir": {}}]})
}

test_fail_labels_in_expressions if {
	expression := {"matchExpressions": [{"key": "beta.kubernetes.io/arch", "operator": "Exists"}, {"key": "kubernetes.io/arch", "operator": "Exists"}]}
	affinity := {"nodeAffinity": {
		"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [expression]},
		"preferredDuringSchedulingIgnoredDuringExecution": [{"preference": expression}],
	}}
	count(deprecated_field.deny) == 2 with input as pod({"affinity": affinity})
	volume := {"apiVersion": "v1", "kind": "PersistentVolume", "spec": {"nodeAffinity": {"required": {"nodeSelectorTerms": [expression]}}}}
	{finding.path | some finding in deprecated_field.deny} == {["spec", "nodeAffinity", "required", "nodeSelectorTerms", 0, "matchExpressions", 0, "key"]} with input as volume
	class := {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "allowedTopologies": [{"matchLabelExpressions": [{"key": "failure-domain.beta.kubernetes.io/zone"}]}]}
	{finding.path | some finding in deprecated_field.deny} == {["allowedTopologies", 0, "matchLabelExpressions", 0, "key"]} with input as class
}

test_fail_master if {
	{finding.msg | some finding in deprecated_field.deny} == {"node label node-role.kubernetes.io/master is deprecated; use node-role.kubernetes.io/control-plane"} with input as pod({"nodeSelector": {"node-role.kubernetes.io/master": ""}})
}

test_fail_external_id if {
	count(deprecated_field.deny) == 1 with input as {"apiVersion": "v1", "kind": "Node", "spec": {"externalID": "a"}}
}

edits_of(object) := edits if {
	some finding in deprecated_field.deny with input as object
	edits := finding.fix.edits
}

test_fix_of_a_node_label if {
	selecting := {"apiVersion": "v1", "kind": "Pod", "spec": {"nodeSelector": {"beta.kubernetes.io/os": "linux"}}}
	edits_of(selecting) == [
		{"remove": ["spec", "nodeSelector", "beta.kubernetes.io/os"]},
		{"set": ["spec", "nodeSelector", "kubernetes.io/os"], "value": "linux"},
	]
	spreading := {"apiVersion": "v1", "kind": "Pod", "spec": {"topologySpreadConstraints": [{"topologyKey": "failure-domain.beta.kubernetes.io/zone"}]}}
	edits_of(spreading) == [{"set": ["spec", "topologySpreadConstraints", 0, "topologyKey"], "value": "topology.kubernetes.io/zone"}]
}

test_fix_of_an_account if {
	pod := {"apiVersion": "v1", "kind": "Pod", "spec": {"serviceAccount": "app"}}
	edits_of(pod) == [{"remove": ["spec", "serviceAccount"]}, {"set": ["spec", "serviceAccountName"], "value": "app"}]
	edits_of(object.union(pod, {"spec": {"serviceAccountName": "other"}})) == [{"remove": ["spec", "serviceAccount"]}]
}

test_fix_of_a_service if {
	service := {"apiVersion": "v1", "kind": "Service", "spec": {"trafficDistribution": "PreferClose"}}
	edits_of(service) == [{"set": ["spec", "trafficDistribution"], "value": "PreferSameZone"}]
}

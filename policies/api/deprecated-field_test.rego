package kubevet.api.deprecated_field_test

import data.kubevet.api.deprecated_field
import rego.v1

pod(spec) := {"apiVersion": "v1", "kind": "Pod", "spec": spec}

test_fail_annotation if {
	deprecated_field.deny == {{
		"msg": "annotation kubernetes.io/ingress.class is deprecated; use spec.ingressClassName",
		"path": ["metadata", "annotations", "kubernetes.io/ingress.class"],
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

test_traffic_distribution_from_1_36 if {
	service := {"apiVersion": "v1", "kind": "Service", "spec": {"trafficDistribution": "PreferClose"}}
	count(deprecated_field.deny) == 1 with input as service
	count(deprecated_field.deny) == 0 with input as service with data.environment as {"parameters": {"kubernetesVersion": "1.33"}}
}

test_fail_recycle if {
	count(deprecated_field.deny) == 1 with input as {"apiVersion": "v1", "kind": "PersistentVolume", "spec": {"persistentVolumeReclaimPolicy": "Recycle"}}
}

test_pass if {
	count(deprecated_field.deny) == 0 with input as pod({"serviceAccountName": "app", "nodeSelector": {"kubernetes.io/os": "linux"}})
	count(deprecated_field.deny) == 0 with input as pod({"serviceAccountName": "app", "serviceAccount": "app"})
	count(deprecated_field.deny) == 0 with input as pod({"volumes": [{"name": "tmp", "emptyDir": {}}]})
}

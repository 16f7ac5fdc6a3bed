package kubevet.api.deprecated_version_test

import data.kubevet.api.deprecated_version
import rego.v1

test_fail if {
	deprecated_version.deny == {{
		"msg": "kafka.strimzi.io/v1beta2 of Kafka is deprecated; use kafka.strimzi.io/v1",
		"path": ["apiVersion"],
		"fix": [{"title": "use kafka.strimzi.io/v1", "safe": false, "edits": [{"set": ["apiVersion"], "value": "kafka.strimzi.io/v1"}]}],
	}} with input as {"apiVersion": "kafka.strimzi.io/v1beta2", "kind": "Kafka"}
	count(deprecated_version.deny) == 1 with input as {"apiVersion": "v1", "kind": "Endpoints"}
}

test_by_version if {
	slices := {"apiVersion": "resource.k8s.io/v1beta1", "kind": "ResourceSlice"}
	count(deprecated_version.deny) == 1 with input as slices
	count(deprecated_version.deny) == 0 with input as slices with data.environment as {"parameters": {"kubernetesVersion": "1.33"}}
}

test_kinds_that_came_later if {
	policy := {"apiVersion": "admissionregistration.k8s.io/v1beta1", "kind": "MutatingAdmissionPolicy"}
	count(deprecated_version.deny) == 1 with input as policy
	count(deprecated_version.deny) == 0 with input as policy with data.environment as {"parameters": {"kubernetesVersion": "1.35"}}
	count(deprecated_version.deny) == 0 with input as {"apiVersion": "resource.k8s.io/v1beta2", "kind": "DeviceTaintRule"}
}

test_pass if {
	count(deprecated_version.deny) == 0 with input as {"apiVersion": "kafka.strimzi.io/v1", "kind": "Kafka"}
	count(deprecated_version.deny) == 0 with input as {"apiVersion": "apps/v1", "kind": "Deployment"}
	count(deprecated_version.deny) == 0 with input as {"apiVersion": "gateway.networking.k8s.io/v1beta1", "kind": "ReferenceGrant"}
}

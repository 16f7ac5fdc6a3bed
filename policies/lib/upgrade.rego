# METADATA
# title: From one apiVersion to another
# description: >-
#   What else must be written differently where an object takes the successor of its apiVersion, as the API server
#   itself converts it (kubernetes/kubernetes, pkg/apis/…/conversion.go and defaults.go of the two versions).
package kubevet.lib.upgrade

import data.kubevet.lib.fix
import rego.v1

# The fixes that give `input` the apiVersion.
to(version) := [fix.safe_where(is_same(version), sprintf("use %s", [version]), all_edits) |
	all_edits := array.concat([{"set": ["apiVersion"], "value": version}], edits)
	count(all_edits) <= fix.most_edits
]

# Whether the object is then what it was before. Of others nobody here knows all that is different.
is_same(version) if {
	kinds := alike[input.apiVersion][version]
	input.kind in kinds
	not means_more
} else := false

# apiVersion -> its successor -> the kinds that have the same fields and defaults in both, once `edits` are made.
alike := {
	"admissionregistration.k8s.io/v1beta1": {"admissionregistration.k8s.io/v1": {"ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"}},
	"apps/v1beta1": {"apps/v1": {"Deployment"}},
	"apps/v1beta2": {"apps/v1": {"DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"}},
	"autoscaling/v2beta1": {"autoscaling/v2": {"HorizontalPodAutoscaler"}},
	"autoscaling/v2beta2": {"autoscaling/v2": {"HorizontalPodAutoscaler"}},
	"batch/v1beta1": {"batch/v1": {"CronJob"}},
	"cert-manager.io/v1beta1": {"cert-manager.io/v1": {"Certificate", "CertificateRequest", "ClusterIssuer", "Issuer"}},
	"coordination.k8s.io/v1beta1": {"coordination.k8s.io/v1": {"Lease"}},
	"extensions/v1beta1": {
		"apps/v1": {"Deployment", "ReplicaSet"},
		"networking.k8s.io/v1": {"Ingress", "NetworkPolicy"},
	},
	"gateway.networking.k8s.io/v1beta1": {"gateway.networking.k8s.io/v1": {"Gateway", "GatewayClass", "HTTPRoute"}},
	"networking.k8s.io/v1beta1": {"networking.k8s.io/v1": {"IPAddress", "Ingress", "IngressClass", "ServiceCIDR"}},
	"node.k8s.io/v1beta1": {"node.k8s.io/v1": {"RuntimeClass"}},
	"policy/v1beta1": {"policy/v1": {"PodDisruptionBudget"}},
	"rbac.authorization.k8s.io/v1beta1": {"rbac.authorization.k8s.io/v1": {"ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"}},
	"resource.k8s.io/v1beta2": {"resource.k8s.io/v1": {"DeviceClass", "ResourceClaim", "ResourceClaimTemplate"}},
	"scheduling.k8s.io/v1beta1": {"scheduling.k8s.io/v1": {"PriorityClass"}},
	"storage.k8s.io/v1beta1": {"storage.k8s.io/v1": {"CSIDriver", "CSINode", "StorageClass", "VolumeAttributesClass"}},
}

# An empty selector selected no Pods, and selects all of them since.
means_more if {
	input.kind == "PodDisruptionBudget"
	object.get(input, ["spec", "selector"], {}) == {}
}

edits := array.concat(selector_edits, array.concat(metric_edits, ingress_edits))

# A selector was filled in from the labels of the template, and must be written now.
selector_edits := [{"set": ["spec", "selector", "matchLabels"], "value": labels}] if {
	input.apiVersion in {"apps/v1beta1", "extensions/v1beta1"}
	input.kind in {"DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"}
	not input.spec.selector
	labels := input.spec.template.metadata.labels
} else := []

metric_edits := [{"set": ["spec", "metrics", i, source], "value": newer} |
	input.apiVersion == "autoscaling/v2beta1"
	some i, metric in input.spec.metrics
	some source in ["containerResource", "external", "object", "pods", "resource"]
	older := metric[source]
	newer := object.union_n([
		object.filter(older, ["name", "container"]),
		described(source, older),
		named(older),
		{"target": target(older)},
	])
]

described("object", older) := {"describedObject": older.target}

described(source, _) := {} if source != "object"

named(older) := {"metric": object.union({"name": older.metricName}, labelled(older))} if {
	older.metricName
} else := {}

labelled(older) := {"selector": older.metricSelector} if {
	older.metricSelector
} else := {"selector": older.selector} if {
	older.selector
} else := {}

target(older) := {"type": "Utilization", "averageUtilization": older.targetAverageUtilization} if {
	older.targetAverageUtilization
} else := {"type": "AverageValue", "averageValue": older.targetAverageValue} if {
	older.targetAverageValue
} else := {"type": "AverageValue", "averageValue": older.averageValue} if {
	older.averageValue
} else := {"type": "Value", "value": older.targetValue}

ingress_edits := array.concat(default_backend, array.concat(backends, path_types)) if {
	input.kind == "Ingress"
	input.apiVersion in {"extensions/v1beta1", "networking.k8s.io/v1beta1"}
} else := []

default_backend := [{"remove": ["spec", "backend"]}, {"set": ["spec", "defaultBackend"], "value": backend(older)}] if {
	older := input.spec.backend
	backend(older)
} else := []

backends := [{"set": ["spec", "rules", i, "http", "paths", j, "backend"], "value": backend(older)} |
	some i, rule in input.spec.rules
	some j, path in rule.http.paths
	older := path.backend
]

path_types := [{"set": ["spec", "rules", i, "http", "paths", j, "pathType"], "value": "ImplementationSpecific"} |
	some i, rule in input.spec.rules
	some j, path in rule.http.paths
	not path.pathType
]

backend(older) := {"service": {"name": older.serviceName, "port": port(older.servicePort)}}

port(written) := {"number": written} if {
	is_number(written)
} else := {"name": written} if {
	written
}

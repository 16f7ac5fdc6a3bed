package kubevet.api.server_warning_test

import data.kubevet.api.server_warning
import rego.v1

pod(spec) := {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "app"}, "spec": spec}

container(name, fields) := object.union({"name": name}, fields)

paths(object) := {concat(".", [sprintf("%v", [step]) | some step in finding.path]) | some finding in found(object)}

found(object) := findings if {
	findings := server_warning.deny with input as object
}

test_ports_of_two_containers if {
	paths(pod({"containers": [
		container("a", {"ports": [{"name": "http", "containerPort": 80}]}),
		container("b", {"ports": [{"containerPort": 80}, {"name": "http", "containerPort": 81}, {"containerPort": 80, "protocol": "UDP"}]}),
	]})) == {"spec.containers.1.ports.0", "spec.containers.1.ports.1.name"}
}

# They are not there at the same time.
test_port_of_an_init_container if {
	port := {"ports": [{"name": "http", "containerPort": 80}]}
	spec := {"containers": [container("a", port)], "initContainers": [container("b", port)]}
	paths(pod(spec)) == set()
	sidecar := {"containers": [container("a", port)], "initContainers": [container("b", object.union(port, {"restartPolicy": "Always"}))]}
	count(paths(pod(sidecar))) == 2
}

test_null_selectors if {
	required := "requiredDuringSchedulingIgnoredDuringExecution"
	preferred := "preferredDuringSchedulingIgnoredDuringExecution"
	selector := {"labelSelector": {"matchLabels": {"a": "b"}}}
	paths(pod({
		"topologySpreadConstraints": [{"labelSelector": null}, selector, {"labelSelector": {}}],
		"affinity": {
			"podAffinity": {required: [{}, selector]},
			"podAntiAffinity": {preferred: [{"podAffinityTerm": {}}, {"podAffinityTerm": selector}]},
		},
	})) == {
		"spec.topologySpreadConstraints.0.labelSelector",
		sprintf("spec.affinity.podAffinity.%s.0.labelSelector", [required]),
		sprintf("spec.affinity.podAntiAffinity.%s.0.podAffinityTerm.labelSelector", [preferred]),
	}
}

test_pull_secret_without_a_name if {
	paths(pod({"imagePullSecrets": [{"name": ""}, {"name": "a"}, {}]})) == {"spec.imagePullSecrets.0.name", "spec.imagePullSecrets.2.name"}
}

test_fractions_of_bytes if {
	resources := {"requests": {"ephemeral-storage": "500m"}, "limits": {"ephemeral-storage": "2000m", "memory": "500m"}}
	paths(pod({"containers": [container("a", {"resources": resources})], "overhead": {"memory": "10m"}})) == {
		"spec.containers.0.resources.requests.ephemeral-storage",
		"spec.overhead.memory",
	}
	every amount in ["0.5", "1.50", 0.5, "1500m"] {
		paths(pod({"overhead": {"memory": amount}})) == {"spec.overhead.memory"}
	}
	every amount in ["1.0", "1.5Mi", "64Mi", 5, "2000m"] {
		paths(pod({"overhead": {"memory": amount}})) == set()
	}
}

test_names if {
	every kind in ["Deployment", "ReplicaSet"] {
		template := {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": "a.b"}, "spec": {"template": {"spec": {}}}}
		paths(template) == {"metadata.name"}
	}
	long := concat("", ["a" | some _ in numbers.range(1, 64)])
	paths(object.union(pod({}), {"metadata": {"name": long}})) == {"metadata.name"}
	paths({"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "a.b"}, "spec": {"template": {"spec": {}}}}) == set()
}

test_certificate_that_is_none if {
	secret := {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}, "type": "kubernetes.io/tls"}
	paths(object.union(secret, {"data": {"tls.crt": base64.encode("none")}})) == {"data.tls.crt"}
	paths(object.union(secret, {"data": {"tls.crt": base64.encode("-----BEGIN CERTIFICATE-----")}})) == set()
	paths(object.union(secret, {"stringData": {"tls.crt": "none"}})) == set()
}

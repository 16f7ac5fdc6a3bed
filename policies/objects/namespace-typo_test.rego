package kubevet.objects.namespace_typo_test

import data.kubevet.objects.namespace_typo
import rego.v1

namespace(name) := {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}

service(space) := {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "app", "namespace": space}}

test_fail if {
	namespace_typo.deny == {{
		"msg": "there is no namespace sombrain-dev in the overlay; did you mean somabrain-dev?",
		"path": ["metadata", "namespace"],
		"object": {"apiVersion": "v1", "kind": "Service", "namespace": "sombrain-dev", "name": "app"},
		"fix": {"title": `name "somabrain-dev"`, "edits": [{"set": ["metadata", "namespace"], "value": "somabrain-dev"}]},
	}} with input as {"objects": [namespace("somabrain-dev"), service("sombrain-dev")]}
}

test_fail_in_network_policy if {
	peer := {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitorin"}}}
	policy := {
		"apiVersion": "networking.k8s.io/v1",
		"kind": "NetworkPolicy",
		"metadata": {"name": "p", "namespace": "monitoring"},
		"spec": {"ingress": [{"from": [peer]}]},
	}
	some finding in namespace_typo.deny with input as {"objects": [namespace("monitoring"), policy]}
	finding.path[1] == "ingress"
}

test_pass if {
	count(namespace_typo.deny) == 0 with input as {"objects": [namespace("somabrain-dev"), service("somabrain-dev"), service("kube-system")]}
	count(namespace_typo.deny) == 0 with input as {"objects": [service("sombrain-dev")]}
}

test_pass_numbered if count(namespace_typo.deny) == 0 with input as {"objects": [namespace("tenant-1"), service("tenant-2")]}

package kubevet.lib.security_test

import data.kubevet.lib.security
import rego.v1

pod(spec) := {"apiVersion": "v1", "kind": "Pod", "spec": spec}

test_contexts if {
	found := security.contexts with input as pod({
		"securityContext": {"runAsNonRoot": true},
		"containers": [{"name": "a"}, {"name": "b", "securityContext": {"privileged": true}}, {"name": "c", "securityContext": null}],
	})
	[[entry.label, entry.path] | some entry in found] == [
		["the Pod", ["spec", "securityContext"]],
		[`container "b"`, ["spec", "containers", 1, "securityContext"]],
	]
}

test_no_contexts if security.contexts == [] with input as pod({"containers": [{"name": "a"}]})

test_setting_path if security.setting_path({"path": ["spec", "containers", 0]}, ["a"]) == ["spec", "containers", 0, "securityContext", "a"]

test_windows if {
	security.windows with input as pod({"os": {"name": "windows"}})
	not security.windows with input as pod({"os": {"name": "linux"}})
	not security.windows with input as pod({})
}

test_user_namespace_from_1_35 if {
	security.user_namespace with input as pod({"hostUsers": false})
	not security.user_namespace with input as pod({"hostUsers": false}) with data.environment as {"parameters": {"kubernetesVersion": "1.34"}}
	not security.user_namespace with input as pod({})
}

package kubevet.pod_security.baseline_apparmor_test

import data.kubevet.pod_security.baseline_apparmor
import rego.v1

pod(spec) := {"apiVersion": "v1", "kind": "Pod", "spec": spec}

container(settings) := pod({"containers": [object.union({"name": "app"}, settings)]})

profile(type) := {"securityContext": {"appArmorProfile": {"type": type}}}

annotated(value) := {
	"apiVersion": "v1",
	"kind": "Pod",
	"metadata": {"annotations": {"container.apparmor.security.beta.kubernetes.io/app": value}},
	"spec": {"containers": [{"name": "app"}]},
}

test_fail_pod_and_container if {
	baseline_apparmor.deny == {{
		"msg": "the Pod has the AppArmor profile Unconfined",
		"path": ["spec", "securityContext", "appArmorProfile", "type"],
		"fix": {"title": "run with the default profile", "edits": [{"set": ["spec", "securityContext", "appArmorProfile", "type"], "value": "RuntimeDefault"}]},
	}} with input as pod(profile("Unconfined"))
	count(baseline_apparmor.deny) == 1 with input as container(profile("Unconfined"))
}

test_fail_annotation if {
	baseline_apparmor.deny == {{
		"msg": `container "app" has the AppArmor profile unconfined`,
		"path": ["metadata", "annotations", "container.apparmor.security.beta.kubernetes.io/app"],
		"fix": {"title": "run with the default profile", "edits": [{"set": ["metadata", "annotations", "container.apparmor.security.beta.kubernetes.io/app"], "value": "runtime/default"}]},
	}} with input as annotated("unconfined")
}

test_pass if {
	count(baseline_apparmor.deny) == 0 with input as pod(profile("RuntimeDefault"))
	count(baseline_apparmor.deny) == 0 with input as container(profile("Localhost"))
	count(baseline_apparmor.deny) == 0 with input as annotated("runtime/default")
	count(baseline_apparmor.deny) == 0 with input as annotated("localhost/custom")
	count(baseline_apparmor.deny) == 0 with input as container({})
}

package kubevet.pod_security.baseline_seccomp_test

import data.kubevet.pod_security.baseline_seccomp
import rego.v1

pod(spec) := {"apiVersion": "v1", "kind": "Pod", "spec": spec}

container(settings) := pod({"containers": [object.union({"name": "app"}, settings)]})

profile(type) := {"securityContext": {"seccompProfile": {"type": type}}}

test_fail if {
	baseline_seccomp.deny == {{
		"msg": "the Pod has the seccomp profile Unconfined",
		"path": ["spec", "securityContext", "seccompProfile", "type"],
		"fix": {"title": "run with the default profile", "edits": [{"set": ["spec", "securityContext", "seccompProfile", "type"], "value": "RuntimeDefault"}]},
	}} with input as pod(profile("Unconfined"))
	count(baseline_seccomp.deny) == 1 with input as container(profile("Unconfined"))
}

test_pass if {
	count(baseline_seccomp.deny) == 0 with input as pod(profile("RuntimeDefault"))
	count(baseline_seccomp.deny) == 0 with input as container(profile("Localhost"))
	count(baseline_seccomp.deny) == 0 with input as container({"securityContext": {"seccompProfile": null}})
	count(baseline_seccomp.deny) == 0 with input as container({})
}

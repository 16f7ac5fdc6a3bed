package kubevet.pod_security.restricted_seccomp_test

import data.kubevet.pod_security.restricted_seccomp
import rego.v1

pod(spec) := {"apiVersion": "v1", "kind": "Pod", "spec": spec}

container(settings) := pod({"containers": [object.union({"name": "app"}, settings)]})

profile := {"securityContext": {"seccompProfile": {"type": "RuntimeDefault"}}}

test_fail if {
	restricted_seccomp.deny == {{
		"msg": `container "app" has no seccompProfile, nor has the Pod`,
		"path": ["spec", "containers", 0, "securityContext", "seccompProfile"],
		"fix": [
			{"title": "run the whole Pod with the default profile", "edits": [{"set": ["spec", "securityContext", "seccompProfile"], "value": {"type": "RuntimeDefault"}}]},
			{"title": "run with the default profile", "edits": [{"set": ["spec", "containers", 0, "securityContext", "seccompProfile"], "value": {"type": "RuntimeDefault"}}]},
		],
	}} with input as container({})
}

test_fail_only_the_container_without if {
	some finding in restricted_seccomp.deny with input as pod({"containers": [object.union({"name": "a"}, profile), {"name": "b"}]})
	finding.path[2] == 1
}

test_pass if {
	count(restricted_seccomp.deny) == 0 with input as pod(object.union(profile, {"containers": [{"name": "a"}]}))
	count(restricted_seccomp.deny) == 0 with input as container(profile)
}

test_pass_windows if count(restricted_seccomp.deny) == 0 with input as pod({"os": {"name": "windows"}, "containers": [{"name": "a"}]})

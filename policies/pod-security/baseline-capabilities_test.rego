package kubevet.pod_security.baseline_capabilities_test

import data.kubevet.pod_security.baseline_capabilities
import rego.v1

pod(spec) := {"apiVersion": "v1", "kind": "Pod", "spec": spec}

container(settings) := pod({"containers": [object.union({"name": "app"}, settings)]})

adding(capabilities) := container({"securityContext": {"capabilities": {"add": capabilities}}})

test_fail if {
	baseline_capabilities.deny == {{
		"msg": `container "app" adds the capability SYS_ADMIN`,
		"path": ["spec", "containers", 0, "securityContext", "capabilities", "add", 1],
		"fix": {"title": "run without the capability", "edits": [{"remove": ["spec", "containers", 0, "securityContext", "capabilities", "add", 1]}]},
	}} with input as adding(["CHOWN", "SYS_ADMIN"])
}

test_fail_all_and_unknown_spellings if {
	count(baseline_capabilities.deny) == 3 with input as adding(["ALL", "chown", "CAP_CHOWN"])
}

test_pass if {
	count(baseline_capabilities.deny) == 0 with input as adding(["AUDIT_WRITE", "NET_BIND_SERVICE", "SYS_CHROOT"])
	count(baseline_capabilities.deny) == 0 with input as adding(null)
	count(baseline_capabilities.deny) == 0 with input as container({"securityContext": {"capabilities": {"drop": ["ALL"]}}})
}

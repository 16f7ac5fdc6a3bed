package kubevet.pod_security.baseline_selinux_test

import data.kubevet.pod_security.baseline_selinux
import rego.v1

pod(spec) := {"apiVersion": "v1", "kind": "Pod", "spec": spec}

container(settings) := pod({"containers": [object.union({"name": "app"}, settings)]})

options(values) := {"securityContext": {"seLinuxOptions": values}}

test_fail_type if {
	baseline_selinux.deny == {{
		"msg": `container "app" has the SELinux type unconfined_t`,
		"path": ["spec", "containers", 0, "securityContext", "seLinuxOptions", "type"],
		"fix": {"title": "run with the type that the node gives", "edits": [{"remove": ["spec", "containers", 0, "securityContext", "seLinuxOptions", "type"]}]},
	}} with input as container(options({"type": "unconfined_t"}))
}

test_fail_user_and_role if {
	count(baseline_selinux.deny) == 2 with input as pod(options({"user": "system_u", "role": "system_r"}))
}

test_engine_type_from_1_31 if {
	count(baseline_selinux.deny) == 0 with input as pod(options({"type": "container_engine_t"}))
	count(baseline_selinux.deny) == 1 with input as pod(options({"type": "container_engine_t"}))
		with data.environment as {"parameters": {"kubernetesVersion": "1.30"}}
}

test_pass if {
	count(baseline_selinux.deny) == 0 with input as pod(options({"type": "container_t", "level": "s0:c1,c2", "user": ""}))
	count(baseline_selinux.deny) == 0 with input as pod(options(null))
}

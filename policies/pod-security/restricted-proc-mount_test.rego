package kubevet.pod_security.restricted_proc_mount_test

import data.kubevet.pod_security.restricted_proc_mount
import rego.v1

pod(spec) := {"apiVersion": "v1", "kind": "Pod", "spec": spec}

container(settings) := pod({"containers": [object.union({"name": "app"}, settings)]})

unmasked := {"hostUsers": false, "containers": [{"name": "app", "securityContext": {"procMount": "Unmasked"}}]}

test_fail if {
	restricted_proc_mount.deny == {{
		"msg": `container "app" has procMount: Unmasked`,
		"path": ["spec", "containers", 0, "securityContext", "procMount"],
		"fix": {"title": "mount /proc as usual", "edits": [{"remove": ["spec", "containers", 0, "securityContext", "procMount"]}]},
	}} with input as pod(unmasked)
}

test_pass_left_to_baseline if {
	count(restricted_proc_mount.deny) == 0 with input as container({"securityContext": {"procMount": "Unmasked"}})
	count(restricted_proc_mount.deny) == 0 with input as pod(unmasked) with data.environment as {"parameters": {"kubernetesVersion": "1.33"}}
}

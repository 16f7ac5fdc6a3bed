package kubevet.pod_security.baseline_proc_mount_test

import data.kubevet.pod_security.baseline_proc_mount
import rego.v1

pod(spec) := {"apiVersion": "v1", "kind": "Pod", "spec": spec}

container(settings) := pod({"containers": [object.union({"name": "app"}, settings)]})

unmasked := {"containers": [{"name": "app", "securityContext": {"procMount": "Unmasked"}}]}

test_fail if {
	baseline_proc_mount.deny == {{
		"msg": `container "app" has procMount: Unmasked`,
		"path": ["spec", "containers", 0, "securityContext", "procMount"],
		"fix": {"title": "mount /proc as usual", "edits": [{"remove": ["spec", "containers", 0, "securityContext", "procMount"]}]},
	}} with input as pod(unmasked)
}

test_user_namespace_from_1_35 if {
	namespaced := pod(object.union(unmasked, {"hostUsers": false}))
	count(baseline_proc_mount.deny) == 0 with input as namespaced
	count(baseline_proc_mount.deny) == 1 with input as namespaced with data.environment as {"parameters": {"kubernetesVersion": "1.33"}}
}

test_pass if {
	count(baseline_proc_mount.deny) == 0 with input as container({"securityContext": {"procMount": "Default"}})
	count(baseline_proc_mount.deny) == 0 with input as container({"securityContext": {"procMount": null}})
}

package kubevet.security_context.read_only_root_test

import data.kubevet.security_context.read_only_root
import rego.v1

pod(spec) := {"apiVersion": "v1", "kind": "Pod", "spec": spec}

container(settings) := pod({"containers": [object.union({"name": "app"}, settings)]})

test_fail if {
	read_only_root.deny == {{
		"msg": `container "app" can write to its root file system`,
		"path": ["spec", "containers", 0, "securityContext", "readOnlyRootFilesystem"],
		"fix": {"title": "make its root file system read-only", "edits": [{"set": ["spec", "containers", 0, "securityContext", "readOnlyRootFilesystem"], "value": true}]},
	}} with input as container({})
	count(read_only_root.deny) == 1 with input as container({"securityContext": {"readOnlyRootFilesystem": false}})
}

test_fail_init_container if count(read_only_root.deny) == 1 with input as pod({"initContainers": [{"name": "a"}]})

test_pass if {
	count(read_only_root.deny) == 0 with input as container({"securityContext": {"readOnlyRootFilesystem": true}})
	count(read_only_root.deny) == 0 with input as pod({"os": {"name": "windows"}, "containers": [{"name": "a"}]})
	count(read_only_root.deny) == 0 with input as pod({"ephemeralContainers": [{"name": "debug"}]})
}

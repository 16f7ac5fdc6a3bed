package kubevet.pod_security.baseline_privileged_test

import data.kubevet.pod_security.baseline_privileged
import rego.v1

pod(spec) := {"apiVersion": "v1", "kind": "Pod", "spec": spec}

container(settings) := pod({"containers": [object.union({"name": "app"}, settings)]})

test_fail if {
	baseline_privileged.deny == {{
		"msg": `container "app" is privileged`,
		"path": ["spec", "containers", 0, "securityContext", "privileged"],
		"fix": {"title": "run without privileges", "edits": [{"remove": ["spec", "containers", 0, "securityContext", "privileged"]}]},
	}} with input as container({"securityContext": {"privileged": true}})
}

test_fail_init_and_ephemeral if {
	privileged := [{"name": "a", "securityContext": {"privileged": true}}]
	count(baseline_privileged.deny) == 2 with input as pod({"initContainers": privileged, "ephemeralContainers": privileged})
}

test_pass if {
	count(baseline_privileged.deny) == 0 with input as container({"securityContext": {"privileged": false}})
	count(baseline_privileged.deny) == 0 with input as container({"securityContext": null})
	count(baseline_privileged.deny) == 0 with input as container({})
}

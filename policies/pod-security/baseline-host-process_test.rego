package kubevet.pod_security.baseline_host_process_test

import data.kubevet.pod_security.baseline_host_process
import rego.v1

pod(spec) := {"apiVersion": "v1", "kind": "Pod", "spec": spec}

container(settings) := pod({"containers": [object.union({"name": "app"}, settings)]})

options := {"securityContext": {"windowsOptions": {"hostProcess": true}}}

test_fail_pod if {
	baseline_host_process.deny == {{
		"msg": "the Pod runs as a process of its node (hostProcess)",
		"path": ["spec", "securityContext", "windowsOptions", "hostProcess"],
		"fix": {"title": "run in a container", "edits": [{"remove": ["spec", "securityContext", "windowsOptions", "hostProcess"]}]},
	}} with input as pod(options)
}

test_fail_container if count(baseline_host_process.deny) == 1 with input as container(options)

test_pass if {
	count(baseline_host_process.deny) == 0 with input as container({"securityContext": {"windowsOptions": {"hostProcess": false}}})
	count(baseline_host_process.deny) == 0 with input as container({"securityContext": {"windowsOptions": null}})
}

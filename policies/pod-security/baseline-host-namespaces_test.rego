package kubevet.pod_security.baseline_host_namespaces_test

import data.kubevet.pod_security.baseline_host_namespaces
import rego.v1

pod(spec) := {"apiVersion": "v1", "kind": "Pod", "spec": spec}

test_fail if {
	baseline_host_namespaces.deny == {{
		"msg": "the Pod has hostNetwork: true",
		"path": ["spec", "hostNetwork"],
		"fix": {"title": "run without hostNetwork", "edits": [{"remove": ["spec", "hostNetwork"]}]},
	}} with input as pod({"hostNetwork": true})
}

test_fail_each if {
	count(baseline_host_namespaces.deny) == 3 with input as pod({"hostNetwork": true, "hostPID": true, "hostIPC": true})
}

test_pass if {
	count(baseline_host_namespaces.deny) == 0 with input as pod({"hostNetwork": false, "hostPID": null})
	count(baseline_host_namespaces.deny) == 0 with input as pod({})
}

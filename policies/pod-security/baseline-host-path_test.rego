package kubevet.pod_security.baseline_host_path_test

import data.kubevet.pod_security.baseline_host_path
import rego.v1

pod(spec) := {"apiVersion": "v1", "kind": "Pod", "spec": spec}

test_fail if {
	baseline_host_path.deny == {{
		"msg": `volume "data" is a path of the node`,
		"path": ["spec", "volumes", 1, "hostPath"],
		"fix": {"title": "give the Pod a directory of its own", "edits": [{"remove": ["spec", "volumes", 1, "hostPath"]}, {"set": ["spec", "volumes", 1, "emptyDir"], "value": {}}]},
	}} with input as pod({"volumes": [{"name": "tmp", "emptyDir": {}}, {"name": "data", "hostPath": {"path": "/data"}}]})
}

test_pass if {
	count(baseline_host_path.deny) == 0 with input as pod({"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]})
	count(baseline_host_path.deny) == 0 with input as pod({"volumes": null})
}

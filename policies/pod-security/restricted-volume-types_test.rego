package kubevet.pod_security.restricted_volume_types_test

import data.kubevet.pod_security.restricted_volume_types
import rego.v1

pod(spec) := {"apiVersion": "v1", "kind": "Pod", "spec": spec}

volume(source) := pod({"volumes": [object.union({"name": "data"}, source)]})

test_fail if {
	claim := {"set": ["spec", "volumes", 0, "persistentVolumeClaim"], "value": {"claimName": "<kubevet: the claim of the data>"}}
	restricted_volume_types.deny == {{
		"msg": `volume "data" is of the type nfs`,
		"path": ["spec", "volumes", 0, "nfs"],
		"fix": {"title": "claim storage instead", "edits": [{"remove": ["spec", "volumes", 0, "nfs"]}, claim]},
	}} with input as volume({"nfs": {"server": "nas"}})
}

test_pass if {
	every type in allowed_types {
		count(restricted_volume_types.deny) == 0 with input as volume({type: {}})
	}
	count(restricted_volume_types.deny) == 0 with input as volume({})
	count(restricted_volume_types.deny) == 0 with input as volume({"nfs": null})
	count(restricted_volume_types.deny) == 0 with input as pod({"volumes": null})
}

allowed_types := {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected", "secret"}

test_pass_left_to_baseline if count(restricted_volume_types.deny) == 0 with input as volume({"hostPath": {"path": "/"}})

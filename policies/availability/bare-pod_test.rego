package kubevet.availability.bare_pod_test

import data.kubevet.availability.bare_pod
import rego.v1

pod(spec) := {"apiVersion": "v1", "kind": "Pod", "spec": spec}

test_fail if {
	bare_pod.deny == {{"msg": "the Pod has no controller that would replace it", "path": ["kind"]}} with input as pod({"containers": []})
}

test_pass if {
	count(bare_pod.deny) == 0 with input as pod({"restartPolicy": "OnFailure"})
	count(bare_pod.deny) == 0 with input as object.union(pod({}), {"metadata": {"ownerReferences": [{"kind": "ReplicaSet"}]}})
	count(bare_pod.deny) == 0 with input as {"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"template": {"spec": {}}}}
}

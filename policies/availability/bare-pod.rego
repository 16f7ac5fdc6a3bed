# METADATA
# title: Long-running Pods have a controller
# description: >-
#   A Pod that no controller made is gone for good when its node fails or is drained, and cannot be updated in place.
#   Pods that may complete (restartPolicy Never or OnFailure) pass.
# custom:
#   kinds: [Pod]
#   help: >-
#     Make it a Deployment, a StatefulSet, a DaemonSet or a Job.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         restartPolicy: Never
#         containers: [{name: app}]
#     bad: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         containers: [{name: app}]
package kubevet.availability.bare_pod

import data.kubevet.lib.workload
import rego.v1

deny contains {"msg": "the Pod has no controller that would replace it", "path": ["kind"]} if {
	input.kind == "Pod"
	workload.long_running
	not input.metadata.ownerReferences[0]
}

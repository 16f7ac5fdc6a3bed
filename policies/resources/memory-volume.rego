# METADATA
# title: A volume in memory has a size limit
# description: >-
#   What is written to an emptyDir with medium: Memory counts as memory of the container that writes. Without sizeLimit
#   it may fill the memory of the Pod (or, without limits, of the node) and get the container killed.
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, PodTemplate, Job, CronJob]
#   keys: [medium]
#   fix: true
#   help: >-
#     Set sizeLimit on the emptyDir, below the containers' memory limit.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         volumes: [{name: shm, emptyDir: {medium: Memory, sizeLimit: 64Mi}}]
#     bad: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         volumes: [{name: shm, emptyDir: {medium: Memory}}]
package kubevet.resources.memory_volume

import data.kubevet.lib.fix
import data.kubevet.lib.workload
import rego.v1

deny contains {"msg": msg, "path": path, "fix": limit} if {
	volume := workload.spec.volumes[i]
	volume.emptyDir.medium == "Memory"
	not limited(volume)
	path := array.concat(workload.spec_path, ["volumes", i, "emptyDir", "sizeLimit"])
	size := fix.choice("a size below the memory limit of the containers, such as 64Mi")
	limit := fix.suggestion("limit the volume's size", [{"set": path, "value": size}])
	msg := sprintf("volume %q is in memory, but has no sizeLimit", [object.get(volume, "name", "")])
}

limited(volume) if volume.emptyDir.sizeLimit != null

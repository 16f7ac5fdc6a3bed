# METADATA
# title: No Pod mounts a path of its node
# description: >-
#   A hostPath volume gives a Pod the files of whatever node it lands on: often a way to take the node over, and never
#   the same data twice. Part of the Pod Security Standard "baseline".
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, PodTemplate, Job, CronJob]
#   keys: [hostPath]
#   fix: true
#   help: >-
#     Use a PersistentVolumeClaim for data, emptyDir for scratch space, or a ConfigMap or Secret for configuration.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         volumes: [{name: data, emptyDir: {}}]
#     bad: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         volumes: [{name: data, hostPath: {path: /data}}]
package kubevet.pod_security.baseline_host_path

import data.kubevet.lib.fix
import data.kubevet.lib.workload
import rego.v1

deny contains {"msg": msg, "path": path, "fix": fix.suggestion("give the Pod a directory of its own", [{"remove": path}, {"set": own, "value": {}}])} if {
	volume := workload.spec.volumes[i]
	volume.hostPath != null
	path := array.concat(workload.spec_path, ["volumes", i, "hostPath"])
	own := array.concat(workload.spec_path, ["volumes", i, "emptyDir"])
	msg := sprintf("volume %q is a path of the node", [object.get(volume, "name", "")])
}

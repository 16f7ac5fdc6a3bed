# METADATA
# title: Pods use only volume types that Kubernetes manages
# description: >-
#   Volumes of other types reach storage directly, past the claims and classes that an administrator controls. Allowed
#   are configMap, csi, downwardAPI, emptyDir, ephemeral, image, persistentVolumeClaim, projected and secret. Part of the
#   Pod Security Standard "restricted", which includes baseline.
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, PodTemplate, Job, CronJob]
#   keys: [volumes]
#   needs: [facts.suspect.volumeType]
#   fix: true
#   help: >-
#     Use a PersistentVolumeClaim whose StorageClass provides the storage.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
#     bad: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         volumes: [{name: data, nfs: {server: nas, path: /data}}]
package kubevet.pod_security.restricted_volume_types

import data.kubevet.lib.fix
import data.kubevet.lib.workload
import rego.v1

allowed := {
	"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected", "secret",
}

# A volume of no type is an emptyDir. hostPath is pod-security/baseline-host-path's.
deny contains {"msg": msg, "path": path, "fix": claim} if {
	volume := workload.spec.volumes[i]
	volume[type] != null
	not type in {"hostPath", "name"}
	not type in allowed
	path := array.concat(workload.spec_path, ["volumes", i, type])
	own := array.concat(workload.spec_path, ["volumes", i, "persistentVolumeClaim"])
	claim := fix.suggestion("claim storage instead", [{"remove": path}, {"set": own, "value": {"claimName": fix.choice("the claim of the data")}}])
	msg := sprintf("volume %q is of the type %s", [object.get(volume, "name", ""), type])
}

# METADATA
# title: The root file system of every container is read-only
# description: >-
#   With a writable root file system whoever gets into a container can put tools there and change the program that runs;
#   and data that the application writes is lost with the container without anybody noticing. The Pod Security Standards
#   do not ask for this. Windows Pods and ephemeral containers are exempt.
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, PodTemplate, Job, CronJob]
#   needs: [facts.suspect.readOnlyRoot]
#   fix: true
#   help: >-
#     Set securityContext.readOnlyRootFilesystem: true, and mount an emptyDir where the application has to write.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         containers: [{name: app, securityContext: {readOnlyRootFilesystem: true}}]
#     bad: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         containers: [{name: app}]
package kubevet.security_context.read_only_root

import data.kubevet.lib.fix
import data.kubevet.lib.security
import data.kubevet.lib.security.windows
import data.kubevet.lib.workload
import rego.v1

deny contains {"msg": msg, "path": path, "fix": fix.suggestion("make its root file system read-only", [{"set": path, "value": true}])} if {
	not windows
	some entry in workload.containers
	entry.type != "ephemeral container"
	not read_only(entry.container)
	path := security.setting_path(entry, ["readOnlyRootFilesystem"])
	msg := sprintf("%s can write to its root file system", [entry.label])
}

read_only(container) if container.securityContext.readOnlyRootFilesystem == true

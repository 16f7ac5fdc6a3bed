# METADATA
# title: Every container has a memory limit
# description: >-
#   Memory cannot be taken back from a container: one that leaks grows until the node runs short and the kubelet evicts
#   others. With a limit only the container that leaks is killed. In a namespace with a ResourceQuota on limits.memory a
#   Pod without one is refused. Init containers and native sidecars count, and so do resources of the Pod as a whole
#   where the cluster knows them (1.34 and later).
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, PodTemplate, Job, CronJob]
#   needs: [facts.suspect.memoryLimit]
#   fix: true
#   help: >-
#     Set resources.limits.memory of the container, from what it was seen to use.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec: {containers: [{name: app, resources: {limits: {memory: 128Mi}}}]}
#     bad: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec: {containers: [{name: app, resources: {limits: {cpu: 100m}}}]}
package kubevet.resources.memory_limit

import data.kubevet.lib.compute
import rego.v1

deny contains finding if some finding in compute.without_limit("memory")

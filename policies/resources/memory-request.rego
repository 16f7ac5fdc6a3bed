# METADATA
# title: Every container requests memory
# description: >-
#   The scheduler places Pods by their requests. Without one a Pod can land on a node that has no memory left for it,
#   and it is among the first that the kubelet evicts when the node runs short. A limit without a request counts as
#   both, as the API server has it. Init containers and native sidecars count, and so do resources of the Pod as a whole
#   where the cluster knows them (1.34 and later).
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, PodTemplate, Job, CronJob]
#   needs: [facts.suspect.memoryRequest]
#   fix: true
#   help: >-
#     Set resources.requests.memory of the container, from what it was seen to use.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec: {containers: [{name: app, resources: {requests: {memory: 128Mi}}}]}
#     bad: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec: {containers: [{name: app, resources: {requests: {cpu: 100m}}}]}
package kubevet.resources.memory_request

import data.kubevet.lib.compute
import rego.v1

deny contains finding if some finding in compute.without_request("memory")

# METADATA
# title: Every container requests CPU
# description: >-
#   The scheduler places Pods by their requests, and under contention a container gets CPU time in proportion to its
#   request. Without one it is the first to starve, and a HorizontalPodAutoscaler on CPU utilization has nothing to
#   compare with. A limit without a request counts as both, as the API server has it. Init containers and native
#   sidecars count, and so do resources of the Pod as a whole where the cluster knows them (1.34 and later).
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, PodTemplate, Job, CronJob]
#   needs: [facts.suspect.cpuRequest]
#   fix: true
#   help: >-
#     Set resources.requests.cpu of the container, from what it was seen to use.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec: {containers: [{name: app, resources: {requests: {cpu: 100m}}}]}
#     bad: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec: {containers: [{name: app, resources: {requests: {memory: 128Mi}}}]}
package kubevet.resources.cpu_request

import data.kubevet.lib.compute
import rego.v1

deny contains finding if some finding in compute.without_request("cpu")

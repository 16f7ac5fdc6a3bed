# METADATA
# title: Every container has a CPU limit
# description: >-
#   Without a limit a container that spins takes all idle CPU of its node, so the latency of its neighbours depends on
#   what it does. In a namespace with a ResourceQuota on limits.cpu such a Pod is refused. Init containers and native
#   sidecars count, and so do resources of the Pod as a whole where the cluster knows them (1.34 and later).
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, PodTemplate, Job, CronJob]
#   needs: [facts.suspect.cpuLimit]
#   fix: true
#   help: >-
#     Set resources.limits.cpu of the container, from what it was seen to use.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec: {containers: [{name: app, resources: {limits: {cpu: 100m}}}]}
#     bad: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec: {containers: [{name: app, resources: {limits: {memory: 128Mi}}}]}
package kubevet.resources.cpu_limit

import data.kubevet.lib.compute
import rego.v1

deny contains finding if some finding in compute.without_limit("cpu")

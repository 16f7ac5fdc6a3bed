# METADATA
# title: A topology spread constraint counts the Pods that it places
# description: >-
#   The scheduler spreads by counting the Pods that the constraint's labelSelector matches. If it does not match the Pods
#   of this template, each of them is placed as if it were the first, and all may land on one node.
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, PodTemplate, Job, CronJob]
#   keys: [topologySpreadConstraints]
#   fix: true
#   help: >-
#     Make labelSelector match the labels of the Pod template.
#   examples:
#     good: |
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: api, namespace: shop}
#       spec: {template: {metadata: {labels: {app: api}}, spec: {topologySpreadConstraints: [{maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: ScheduleAnyway, labelSelector: {matchLabels: {app: api}}}]}}}
#     bad: |
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: api, namespace: shop}
#       spec: {template: {metadata: {labels: {app: api}}, spec: {topologySpreadConstraints: [{maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: ScheduleAnyway, labelSelector: {matchLabels: {app: web}}}]}}}
package kubevet.availability.spread_selector

import data.kubevet.lib.fix
import data.kubevet.lib.selector
import data.kubevet.lib.workload
import rego.v1

deny contains {"msg": msg, "path": path, "fix": fixes(path)} if {
	constraint := workload.spec.topologySpreadConstraints[i]
	not matches_own(constraint)
	path := array.concat(workload.spec_path, ["topologySpreadConstraints", i, "labelSelector"])
	msg := "the topology spread constraint does not select the Pods of this template"
}

matches_own(constraint) if selector.matches(constraint.labelSelector, labels)

labels := workload.pod.metadata.labels if {
	is_object(workload.pod.metadata.labels)
} else := {}

fixes(path) := [fix.suggestion("select the Pods of this template", [{"set": path, "value": input.spec.selector}])] if {
	is_object(input.spec.selector)
	selector.matches(input.spec.selector, labels)
} else := []

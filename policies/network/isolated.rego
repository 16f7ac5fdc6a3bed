# METADATA
# title: NetworkPolicies select every workload, for ingress and for egress
# description: >-
#   A Pod that no policy selects for a direction is open that way to the whole cluster and, for egress, to the internet.
#   Selectors by matchExpressions and empty selectors count; a policy counts only in its own namespace and only for the
#   directions of its policyTypes. Pods on their node's network are left out: policies need not have an effect on them.
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, Job, CronJob]
#   needs: [facts.network.workload]
#   fix: true
#   help: >-
#     Make a NetworkPolicy of the namespace select these labels, with the direction among its policyTypes; a default
#     deny with an empty podSelector selects all.
#   examples:
#     good: |
#       apiVersion: networking.k8s.io/v1
#       kind: NetworkPolicy
#       metadata: {name: default-deny, namespace: shop}
#       spec:
#         podSelector: {}
#         policyTypes: [Ingress, Egress]
#       ---
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web, namespace: shop}
#       spec:
#         template:
#           metadata: {labels: {app: web}}
#           spec:
#             containers:
#               - {name: web, image: example/web:1}
#     bad: |
#       apiVersion: networking.k8s.io/v1
#       kind: NetworkPolicy
#       metadata: {name: db, namespace: shop}
#       spec:
#         podSelector: {matchLabels: {app: db}}
#         policyTypes: [Ingress, Egress]
#       ---
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web, namespace: shop}
#       spec:
#         template:
#           metadata: {labels: {app: web}}
#           spec:
#             containers:
#               - {name: web, image: example/web:1}
package kubevet.network.isolated

import data.kubevet.lib.network
import data.kubevet.lib.workload
import rego.v1

deny contains {"msg": msg, "path": facts.labelsPath, "fix": network.default_deny(facts.namespace, open)} if {
	facts := input.facts.network.workload
	not facts.hostNetwork
	facts.namespaceKnown
	not facts.namespace in workload.system_namespaces
	open := [direction | some direction in ["ingress", "egress"]; count(facts.isolatedBy[direction]) == 0]
	count(open) > 0
	msg := sprintf("no NetworkPolicy in namespace %s selects its Pods for %s", [facts.namespace, concat(" or ", open)])
}

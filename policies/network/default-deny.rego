# METADATA
# title: Every namespace denies traffic by default
# description: >-
#   Pods accept and open any connection until a NetworkPolicy selects them. One policy whose empty podSelector selects
#   every Pod makes a forgotten workload unreachable instead of open to all. A policy that selects each Pod of today by
#   its labels does not do that, nor does one in another namespace or one that lets everything through. Namespaces of
#   which only a Job is here (applied by itself, beside what runs there already) are not judged, nor are the cluster's own (kube-system) and
#   those in which policies of another kind (Cilium, Calico, AdminNetworkPolicy) may select Pods.
# custom:
#   scope: overlay
#   needs: [facts.network.namespaces]
#   fix: true
#   help: >-
#     Add a NetworkPolicy with `podSelector: {}` and `policyTypes: [Ingress, Egress]` to the namespace, and one with the
#     needed rules for each workload.
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
#       metadata: {name: web, namespace: shop}
#       spec:
#         podSelector: {matchLabels: {app: web}}
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
package kubevet.network.default_deny

import data.kubevet.lib.network
import data.kubevet.lib.workload
import rego.v1

deny contains {"msg": msg, "path": ["metadata", "name"], "object": namespace.object, "fix": network.default_deny(namespace.name, open)} if {
	some namespace in input.facts.network.namespaces
	not namespace.name in workload.system_namespaces
	open := [direction | some direction in ["ingress", "egress"]; not namespace.defaultDeny[direction]]
	count(open) > 0
	msg := sprintf("namespace %s has no default deny for %s: no NetworkPolicy isolates all of its Pods", [namespace.name, concat(" or ", open)])
}

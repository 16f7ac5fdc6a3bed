# METADATA
# title: Isolated Pods can still ask DNS
# description: >-
#   Once a policy isolates a Pod for egress, it resolves no name unless a policy also lets it reach the cluster's DNS
#   server on port 53, over UDP and, for long answers, over TCP. What then fails looks like anything but DNS. The server
#   is the Pod labelled k8s-app=kube-dns in kube-system; a rule that names port 53 and the address of NodeLocal DNSCache
#   counts too. Pods with `dnsPolicy: Default` or `None` or on their node's network ask another server.
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, Job, CronJob]
#   needs: [facts.network.workload.dnsBlocked]
#   fix: true
#   help: >-
#     Allow egress to port 53, UDP and TCP, to namespaceSelector `kubernetes.io/metadata.name: kube-system` with
#     podSelector `k8s-app: kube-dns`; best once for all Pods of the namespace.
#   examples:
#     good: |
#       apiVersion: networking.k8s.io/v1
#       kind: NetworkPolicy
#       metadata: {name: default-deny, namespace: shop}
#       spec:
#         podSelector: {}
#         policyTypes: [Ingress, Egress]
#       ---
#       apiVersion: networking.k8s.io/v1
#       kind: NetworkPolicy
#       metadata: {name: dns, namespace: shop}
#       spec:
#         podSelector: {}
#         policyTypes: [Egress]
#         egress:
#           - to:
#               - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}
#                 podSelector: {matchLabels: {k8s-app: kube-dns}}
#             ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]
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
package kubevet.network.dns

import data.kubevet.lib.fix
import data.kubevet.lib.network
import rego.v1

deny contains {"msg": msg, "path": workload.labelsPath, "related": related, "fix": fixes(workload)} if {
	workload := input.facts.network.workload
	count(workload.dnsBlocked) > 0
	msg := sprintf("egress of its Pods is isolated, and no NetworkPolicy lets them ask DNS over %s", [concat(" and ", workload.dnsBlocked)])
	related := [{"object": policy, "path": ["spec"], "note": "isolates these Pods for egress"} |
		some policy in workload.isolatedBy.egress
	]
}

# One policy for the whole namespace where that isolates nobody who was not isolated before.
fixes(workload) := [fix.suggestion("let its Pods ask the cluster's DNS server", [{"create": policy}])] if {
	policy := network.allow_dns(policy_name(workload.dnsAskers), workload.namespace, workload.dnsAskers)
	workload.namespace != ""
} else := []

policy_name(askers) := "allow-dns" if {
	askers == {}
} else := concat("-", [input.metadata.name, "dns"])

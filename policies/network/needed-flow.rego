# METADATA
# title: NetworkPolicies allow what the configuration needs
# description: >-
#   A workload whose variables, arguments or mounted ConfigMaps name a Service will connect to the Pods behind it. A
#   policy that forbids this (its own for egress, those of the other side for ingress) makes it fail at run time, mostly
#   by a timeout. Operators' Services (policies/products.yaml) count; probes do not, the kubelet may always connect.
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, Job, CronJob]
#   needs: [facts.network.workload.blocked]
#   fix: true
#   help: >-
#     Allow the port of the Pods (not that of the Service) on the side that forbids it: egress in a policy that selects
#     this workload, ingress in one that selects the other. If the connection is not wanted, remove the name.
#   examples:
#     good: |
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web, namespace: shop}
#       spec:
#         template:
#           metadata: {labels: {app: web}}
#           spec:
#             containers:
#               - {name: web, image: example/web:1, env: [{name: DB_URL, value: 'postgresql://db/shop'}]}
#       ---
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: db, namespace: shop}
#       spec:
#         template:
#           metadata: {labels: {app: db}}
#           spec:
#             containers:
#               - {name: db, image: example/db:1}
#       ---
#       apiVersion: v1
#       kind: Service
#       metadata: {name: db, namespace: shop}
#       spec: {selector: {app: db}, ports: [{port: 5432}]}
#       ---
#       apiVersion: networking.k8s.io/v1
#       kind: NetworkPolicy
#       metadata: {name: db, namespace: shop}
#       spec:
#         podSelector: {matchLabels: {app: db}}
#         ingress:
#           - from: [{podSelector: {matchLabels: {app: web}}}]
#             ports: [{port: 5432}]
#     bad: |
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web, namespace: shop}
#       spec:
#         template:
#           metadata: {labels: {app: web}}
#           spec:
#             containers:
#               - {name: web, image: example/web:1, env: [{name: DB_URL, value: 'postgresql://db/shop'}]}
#       ---
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: db, namespace: shop}
#       spec:
#         template:
#           metadata: {labels: {app: db}}
#           spec:
#             containers:
#               - {name: db, image: example/db:1}
#       ---
#       apiVersion: v1
#       kind: Service
#       metadata: {name: db, namespace: shop}
#       spec: {selector: {app: db}, ports: [{port: 5432}]}
#       ---
#       apiVersion: networking.k8s.io/v1
#       kind: NetworkPolicy
#       metadata: {name: db, namespace: shop}
#       spec:
#         podSelector: {matchLabels: {app: db}}
#         ingress:
#           - from: [{podSelector: {matchLabels: {app: web}}}]
#             ports: [{port: 5433}]
package kubevet.network.needed_flow

import data.kubevet.lib.fix
import data.kubevet.lib.network
import data.kubevet.lib.reference
import rego.v1

deny contains {"msg": msg, "path": flow.path, "related": related, "fix": fixes(flow)} if {
	some flow in input.facts.network.workload.blocked
	msg := sprintf("needs %s %d of %s %s (Service %s), but no NetworkPolicy allows the %s", [
		flow.protocol,
		flow.port,
		flow.to.kind,
		flow.to.name,
		flow.service,
		concat(" and the ", flow.by),
	])
	policies := [{"object": policy, "path": ["spec"], "note": "isolates one side"} | some policy in flow.policies]
	related := array.concat(reference.source(flow), policies)
}

# Each side that forbids it must allow it.
fixes(flow) := [fix.suggestion("allow it", edits)] if {
	edits := [edit | some side in flow.closed; edit := opened(side, flow)]
	count(edits) == count(flow.by)
} else := []

# In the policy of these Pods alone, else in one of their own.
opened(side, flow) := {"object": side.policy, "add": ["spec", side.direction], "value": rule(side, flow)} if {
	side.policy
} else := {"create": network.policy(name, side.namespace, side.pods, {"policyTypes": [network.types[side.direction]], side.direction: [rule(side, flow)]})} if {
	name := sprintf("%s-%s-%s", [side.name, prepositions[side.direction], other(side, flow)])
	not "" in {side.name, side.namespace, other(side, flow)}
}

prepositions := {"ingress": "from", "egress": "to"}

other(side, flow) := flow.to.name if {
	side.direction == "egress"
} else := input.metadata.name

rule(side, flow) := {prepositions[side.direction]: [side.peer], "ports": [{"protocol": flow.protocol, "port": flow.port}]}

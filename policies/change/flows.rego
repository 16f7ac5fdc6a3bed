# METADATA
# title: It is known who may talk to whom otherwise than before
# description: >-
#   NetworkPolicies are resolved against the workloads on both sides. What a policy, the labels of a workload or those of a Namespace
#   open or cut is told once for each line that does it, with the pairs and ports; what is cut though configuration asks for it comes
#   first, and what is open to any address is said so. A new workload that no policy isolates is told of where its namespace has
#   policies; and so is it if there are so many pairs of workloads that not all were compared.
# custom:
#   scope: change
#   level: warn
#   needs: [facts.change.flows.opened, facts.change.flows.cut, facts.change.flows.uncompared]
#   help: >-
#     Name the peers and ports that are needed, and no more. `kubevet graph` shows all that is allowed and needed.
#   examples:
#     good: |
#       # file: old.yaml
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web, namespace: shop}
#       spec:
#         selector: {matchLabels: {app: web}}
#         template:
#           metadata: {labels: {app: web}}
#           spec: {containers: [{name: web, image: registry.example/web:1}]}
#       ---
#       apiVersion: apps/v1
#       kind: StatefulSet
#       metadata: {name: db, namespace: shop}
#       spec:
#         serviceName: db
#         selector: {matchLabels: {app: db}}
#         template:
#           metadata: {labels: {app: db}}
#           spec: {containers: [{name: db, image: registry.example/db:1}]}
#       ---
#       apiVersion: networking.k8s.io/v1
#       kind: NetworkPolicy
#       metadata: {name: db, namespace: shop}
#       spec:
#         podSelector: {matchLabels: {app: db}}
#         policyTypes: [Ingress]
#         ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 5432}]}]
#       # file: new.yaml
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web, namespace: shop}
#       spec:
#         selector: {matchLabels: {app: web}}
#         template:
#           metadata: {labels: {app: web}}
#           spec: {containers: [{name: web, image: registry.example/web:2}]}
#       ---
#       apiVersion: apps/v1
#       kind: StatefulSet
#       metadata: {name: db, namespace: shop}
#       spec:
#         serviceName: db
#         selector: {matchLabels: {app: db}}
#         template:
#           metadata: {labels: {app: db}}
#           spec: {containers: [{name: db, image: registry.example/db:1}]}
#       ---
#       apiVersion: networking.k8s.io/v1
#       kind: NetworkPolicy
#       metadata: {name: db, namespace: shop}
#       spec:
#         podSelector: {matchLabels: {app: db}}
#         policyTypes: [Ingress]
#         ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 5432}]}]
#     bad: |
#       # file: old.yaml
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web, namespace: shop}
#       spec:
#         selector: {matchLabels: {app: web}}
#         template:
#           metadata: {labels: {app: web}}
#           spec: {containers: [{name: web, image: registry.example/web:1}]}
#       ---
#       apiVersion: apps/v1
#       kind: StatefulSet
#       metadata: {name: db, namespace: shop}
#       spec:
#         serviceName: db
#         selector: {matchLabels: {app: db}}
#         template:
#           metadata: {labels: {app: db}}
#           spec: {containers: [{name: db, image: registry.example/db:1}]}
#       ---
#       apiVersion: networking.k8s.io/v1
#       kind: NetworkPolicy
#       metadata: {name: db, namespace: shop}
#       spec:
#         podSelector: {matchLabels: {app: db}}
#         policyTypes: [Ingress]
#         ingress: [{from: [{podSelector: {matchLabels: {app: api}}}], ports: [{port: 5432}]}]
#       # file: new.yaml
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web, namespace: shop}
#       spec:
#         selector: {matchLabels: {app: web}}
#         template:
#           metadata: {labels: {app: web}}
#           spec: {containers: [{name: web, image: registry.example/web:1}]}
#       ---
#       apiVersion: apps/v1
#       kind: StatefulSet
#       metadata: {name: db, namespace: shop}
#       spec:
#         serviceName: db
#         selector: {matchLabels: {app: db}}
#         template:
#           metadata: {labels: {app: db}}
#           spec: {containers: [{name: db, image: registry.example/db:1}]}
#       ---
#       apiVersion: networking.k8s.io/v1
#       kind: NetworkPolicy
#       metadata: {name: db, namespace: shop}
#       spec:
#         podSelector: {matchLabels: {app: db}}
#         policyTypes: [Ingress]
#         ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 5432}]}]
package kubevet.change.flows

import rego.v1

deny contains {"msg": msg, "object": flow.object, "path": flow.path} if {
	some flow in input.facts.change.flows.cut
	count(flow.needed) > 0
	msg := sprintf("it cuts what configuration asks for: %s", [needed(flow)])
}

deny contains {"msg": msg, "object": flow.object, "path": flow.path} if {
	some flow in input.facts.change.flows.cut
	count(flow.needed) == 0

	# A workload that goes talks to nobody.
	not flow.newcomers
	msg := sprintf("it cuts %s", [listed(flow.flows, flow.more)])
}

deny contains {"msg": msg, "object": flow.object, "path": flow.path} if {
	some flow in input.facts.change.flows.opened
	not flow.unguarded
	msg := sprintf("it opens %s%s", [listed(flow.flows, flow.more), asked(flow)])
}

deny contains {"msg": msg, "object": flow.object, "path": flow.path} if {
	some flow in input.facts.change.flows.opened
	flow.unguarded
	msg := sprintf("it is new, and not isolated by the policies of its namespace: it opens %s", [listed(flow.flows, flow.more)])
}

deny contains {"msg": msg, "object": left.object, "path": left.path} if {
	left := input.facts.change.flows.uncompared
	left != null
	msg := sprintf("what it opens or cuts is not known for %d pairs of workloads: there are too many to compare", [left.pairs])
}

needed(flow) := listed(flow.needed, flow.moreNeeded)

listed(flows, more) := sprintf("%s and %d more", [concat("; ", flows), more]) if {
	more > 0
} else := concat("; ", flows)

asked(flow) := "" if {
	flow.world
} else := ", which no configuration asks for" if {
	count(flow.needed) == 0
} else := "" if {
	flow.needed == flow.flows
	flow.moreNeeded == flow.more
} else := sprintf("; of that, configuration asks for %s", [needed(flow)])

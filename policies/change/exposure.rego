# METADATA
# title: It is known what a change exposes
# description: >-
#   Hosts and paths of Ingresses, Routes and Gateways, load balancers and who may reach them, ports of nodes and external addresses; what Pods
#   get of their node (network, processes, ports, paths), privileges and capabilities, hardening that a container had and has not, and
#   namespaces that take Pods of a lower Pod Security level. What was there before is no finding.
# custom:
#   scope: change
#   level: warn
#   needs: [facts.change.exposure.opened]
#   help: >-
#     Be sure that it is meant, and that who can reach it has to say who they are.
#   examples:
#     good: |
#       # file: old.yaml
#       apiVersion: v1
#       kind: Service
#       metadata: {name: web, namespace: shop}
#       spec: {type: LoadBalancer, selector: {app: web}, ports: [{port: 80}]}
#       # file: new.yaml
#       apiVersion: v1
#       kind: Service
#       metadata: {name: web, namespace: shop}
#       spec: {type: ClusterIP, selector: {app: web}, ports: [{port: 80}]}
#     bad: |
#       # file: old.yaml
#       apiVersion: v1
#       kind: Service
#       metadata: {name: web, namespace: shop}
#       spec: {type: ClusterIP, selector: {app: web}, ports: [{port: 80}]}
#       # file: new.yaml
#       apiVersion: v1
#       kind: Service
#       metadata: {name: web, namespace: shop}
#       spec: {type: LoadBalancer, selector: {app: web}, ports: [{port: 80}]}
package kubevet.change.exposure

import rego.v1

words := {
	"outside": "it is open to the outside now: %s%s",
	"node": "it has a hold on its node now: %s%s",
	"privileges": "it has more privileges now: %s%s",
	"less-hardened": "it has lost hardening: %s%s",
	"pod-security": "it takes other Pods now: %s%s",
}

deny contains {"msg": msg, "object": exposed.object, "path": exposed.path} if {
	some exposed in input.facts.change.exposure.opened
	msg := sprintf(words[exposed.to], [concat(", ", exposed.what), more(exposed.more)])
}

more(count) := sprintf(" and %d more", [count]) if {
	count > 0
} else := ""

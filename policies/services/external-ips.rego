# METADATA
# title: No Service claims an external address
# description: >-
#   With spec.externalIPs a Service takes the traffic that Pods of the whole cluster send to those addresses, whoever
#   they belong to (CVE-2020-8554). Kubernetes 1.36 deprecates the field.
# custom:
#   kinds: [Service]
#   keys: [externalIPs]
#   help: >-
#     Remove externalIPs; use a load balancer, an Ingress or a Gateway.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Service
#       metadata: {name: app}
#       spec: {ports: [{port: 80}]}
#     bad: |
#       apiVersion: v1
#       kind: Service
#       metadata: {name: app}
#       spec: {externalIPs: [192.0.2.7], ports: [{port: 80}]}
package kubevet.services.external_ips

import rego.v1

deny contains {"msg": msg, "path": ["spec", "externalIPs", i]} if {
	input.kind == "Service"
	input.apiVersion == "v1"
	address := input.spec.externalIPs[i]
	msg := sprintf("the Service claims the external address %v", [address])
}

# METADATA
# title: No Ingress takes all hosts
# description: >-
#   A rule without a host, or with a bare "*", answers for every name that points at the ingress controller, other teams'
#   new ones included. A wildcard of one domain (*.example.com) passes.
# custom:
#   kinds: [Ingress]
#   help: >-
#     Name the host.
#   examples:
#     good: |
#       apiVersion: networking.k8s.io/v1
#       kind: Ingress
#       metadata: {name: app}
#       spec: {rules: [{host: a.example.com}]}
#     bad: |
#       apiVersion: networking.k8s.io/v1
#       kind: Ingress
#       metadata: {name: app}
#       spec: {rules: [{http: {paths: []}}]}
package kubevet.ingress.wildcard_host

import data.kubevet.lib.workload
import rego.v1

deny contains {"msg": "the rule takes all hosts", "path": ["spec", "rules", i, "host"]} if {
	input.kind == "Ingress"
	workload.group in {"extensions", "networking.k8s.io"}
	entry := input.spec.rules[i]
	object.get(entry, "host", "") in {"", "*", null}
}

# METADATA
# title: Pods that an operator makes have requests and limits
# description: >-
#   A database or broker of an operator runs in Pods like any other, but no manifest of them is here: what they ask for is
#   what the custom resource says, and without that most operators ask for nothing. Which field it is for which kind says
#   policies/products.yaml; what the operator adds itself, or takes from another resource, does not count as missing.
# custom:
#   needs: [facts.capacity.unsizedPods]
#   fix: true
#   help: >-
#     Set requests and limits of cpu and memory in the field that the finding names.
#   examples:
#     good: |
#       apiVersion: postgresql.cnpg.io/v1
#       kind: Cluster
#       metadata: {name: orders}
#       spec: {instances: 1, storage: {size: 1Gi}, resources: {limits: {cpu: 1, memory: 1Gi}}}
#     bad: |
#       apiVersion: postgresql.cnpg.io/v1
#       kind: Cluster
#       metadata: {name: orders}
#       spec: {instances: 1, storage: {size: 1Gi}}
package kubevet.resources.operator

import data.kubevet.lib.compute
import data.kubevet.lib.fix
import rego.v1

deny contains {"msg": msg, "path": missing.path, "fix": amount} if {
	some missing in input.facts.capacity.unsizedPods
	edit := {"set": missing.path, "value": fix.choice(compute.examples[missing.resource])}
	amount := fix.suggestion(sprintf("set %s of %s", [missing.field, missing.resource]), [edit])
	msg := sprintf("the Pods %q of the operator have no %s %s", [missing.pods, missing.resource, trim_suffix(missing.field, "s")])
}

# METADATA
# title: Every namespace enforces a Pod Security Standard
# description: >-
#   Without the label pod-security.kubernetes.io/enforce a namespace accepts any Pod, privileged ones included, whoever
#   makes it. The table's parameter `podSecurity` names the least level (baseline or restricted; default baseline).
# custom:
#   kinds: [Namespace]
#   parameters:
#     podSecurity:
#       type: string
#       enum: [privileged, baseline, restricted]
#       default: baseline
#       description: The least Pod Security Standard that a namespace enforces.
#   fix: true
#   help: >-
#     Set the label pod-security.kubernetes.io/enforce on the Namespace.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Namespace
#       metadata: {name: shop, labels: {pod-security.kubernetes.io/enforce: restricted}}
#     bad: |
#       apiVersion: v1
#       kind: Namespace
#       metadata: {name: shop}
package kubevet.pod_security.enforced

import data.kubevet.lib.fix
import data.kubevet.lib.parameters
import data.kubevet.lib.workload
import rego.v1

label := "pod-security.kubernetes.io/enforce"

ranks := {"privileged": 0, "baseline": 1, "restricted": 2}

deny contains {"msg": msg, "path": path, "fix": enforce} if {
	input.kind == "Namespace"
	input.apiVersion == "v1"
	not input.metadata.name in workload.system_namespaces
	wanted := parameters.value("podSecurity", "baseline")
	actual := level(input)
	object.get(ranks, actual, 0) < ranks[wanted]
	path := ["metadata", "labels", label]
	enforce := fix.suggestion(sprintf("enforce %s", [wanted]), [{"set": path, "value": wanted}])
	msg := sprintf("the namespace enforces %s; %s is the least", [describe(actual), wanted])
}

level(namespace) := namespace.metadata.labels[label] if {
	is_string(namespace.metadata.labels[label])
} else := ""

describe("") := "no Pod Security Standard"

describe(actual) := sprintf("the Pod Security Standard %q", [actual]) if actual != ""

# METADATA
# title: Every namespace denies traffic by default
# description: >-
#   Pods accept and open any connection until a NetworkPolicy selects them. One policy whose empty podSelector selects
#   every Pod makes a forgotten workload unreachable instead of open to all. A policy that selects each Pod of today by
#   its labels does not do that, nor does one in another namespace or one that lets everything through. Namespaces of
#   which only a Job is here (applied by itself, beside what runs there already) are not judged.
# custom:
#   scope: overlay
#   help: >-
#     Add a NetworkPolicy with `podSelector: {}` and `policyTypes: [Ingress, Egress]` to the namespace, and one with the
#     needed rules for each workload.
package kubevet.network.default_deny

import rego.v1

deny contains {"msg": msg, "path": ["metadata", "name"], "object": namespace.object} if {
	some namespace in input.facts.network.namespaces
	some direction in ["ingress", "egress"]
	not namespace.defaultDeny[direction]
	msg := sprintf("namespace %s has no default deny for %s: no NetworkPolicy isolates all of its Pods", [namespace.name, direction])
}

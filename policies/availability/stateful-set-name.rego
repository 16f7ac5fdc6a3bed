# METADATA
# title: The name of a StatefulSet leaves room for what its controller appends
# description: >-
#   The controller labels each Pod with the name and a hash of its revision. A label holds 63 characters, so with a name of
#   more than 52 the API server takes the StatefulSet and then refuses every Pod of it.
# custom:
#   kinds: [StatefulSet]
#   help: >-
#     Shorten the name to 52 characters, prefixes and suffixes of the kustomizations included.
#   examples:
#     good: |
#       apiVersion: apps/v1
#       kind: StatefulSet
#       metadata: {name: store, namespace: shop}
#       spec: {serviceName: store}
#     bad: |
#       apiVersion: apps/v1
#       kind: StatefulSet
#       metadata: {name: store-of-the-orders-that-customers-of-the-shop-have-placed, namespace: shop}
#       spec: {serviceName: store}
package kubevet.availability.stateful_set_name

import data.kubevet.lib.workload
import rego.v1

# What is left of a label's value for the name: a dash and ten characters of a hash are appended.
longest := 52

deny contains {"msg": msg, "path": ["metadata", "name"]} if {
	input.kind == "StatefulSet"
	workload.group == "apps"
	is_string(input.metadata.name)
	length := count(input.metadata.name)
	length > longest
	msg := sprintf("the name has %d characters; with more than %d no Pod of a StatefulSet can be made", [length, longest])
}

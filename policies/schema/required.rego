# METADATA
# title: Every required field is there
# description: >-
#   The API server refuses an object that lacks a field which it cannot do without, or has it empty. Some fields
#   are required only beside others, as a selector that must match the labels of the Pod template.
# custom:
#   needs: [facts.schema]
#   help: >-
#     Add the field, in the base if every environment needs it.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: job}
#       spec: {containers: [{name: job, image: busybox}]}
#     bad: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: job}
#       spec: {containers: [{name: job}]}
package kubevet.schema.required

import rego.v1

deny contains {"msg": msg, "path": fact.path} if {
	some fact in input.facts.schema
	fact.reason == "required"
	msg := sprintf("%s %s", [fact.field, fact.message])
}

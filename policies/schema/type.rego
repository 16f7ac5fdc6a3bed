# METADATA
# title: Every value has the type of its field
# description: >-
#   The API server cannot decode an object with a number where a string belongs, a map where a list belongs, or a
#   text that is no quantity, time or base64. YAML reads yes, on, 08 and 1_000 as booleans and numbers; quotes
#   make them strings.
# custom:
#   needs: [facts.schema]
#   help: >-
#     Give the value the type that the message names; put quotes around strings that look like numbers or
#     booleans.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: ConfigMap
#       metadata: {name: app}
#       data: {port: "8080"}
#     bad: |
#       apiVersion: v1
#       kind: ConfigMap
#       metadata: {name: app}
#       data: {port: 8080}
package kubevet.schema.type

import rego.v1

deny contains {"msg": msg, "path": fact.path} if {
	some fact in input.facts.schema
	fact.reason == "type"
	not fact.by.doubtful
	msg := sprintf("%s %s", [fact.field, fact.message])
}

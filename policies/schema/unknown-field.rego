# METADATA
# title: Every field exists
# description: >-
#   A misspelt field, or one at the wrong depth, is refused by the API server with strict validation, which
#   kubectl asks for by default; without it the field is dropped silently and the setting has no effect.
# custom:
#   needs: [facts.schema]
#   fix: true
#   help: >-
#     Correct the spelling (case counts), or move the field to where it belongs.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: ConfigMap
#       metadata: {name: app, labels: {app: app}}
#     bad: |
#       apiVersion: v1
#       kind: ConfigMap
#       metadata: {name: app, lables: {app: app}}
package kubevet.schema.unknown_field

import data.kubevet.lib.fix
import rego.v1

deny contains {"msg": msg, "path": fact.path, "fix": fixes(fact)} if {
	some fact in input.facts.schema
	fact.reason == "unknown"
	not fact.by.doubtful
	msg := sprintf("%s %s", [fact.field, fact.message])
}

# The API server drops the field, or refuses the object for it: what was meant has not been tried yet.
fixes(fact) := [fix.suggestion(sprintf("write %s", [fact.suggestion]), [
	{"remove": fact.path},
	{"set": array.concat(parent, [fact.suggestion]), "value": value},
])] if {
	fact.suggestion
	parent := array.slice(fact.path, 0, count(fact.path) - 1)
	value := object.get(input, fact.path, null)
	object.get(input, array.concat(parent, [fact.suggestion]), null) == null
} else := []

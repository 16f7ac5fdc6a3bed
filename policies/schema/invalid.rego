# METADATA
# title: Every value is one that the API server accepts
# description: >-
#   What the API server's own validation refuses in a well-formed object: values outside a list or range, names
#   with wrong characters, requests over limits, a selector that does not match the template's labels, two
#   containers with one name, mounts of volumes that are not there, fields that exclude each other.
# custom:
#   needs: [facts.schema]
#   fix: true
#   help: >-
#     Correct the value as the message says. If a patch made it, correct the patch.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Service
#       metadata: {name: web}
#       spec: {ports: [{port: 80}]}
#     bad: |
#       apiVersion: v1
#       kind: Service
#       metadata: {name: web}
#       spec: {ports: [{port: 80000}]}
package kubevet.schema.invalid

import data.kubevet.lib.fix
import rego.v1

deny contains object.union({"msg": msg, "path": fact.path, "fix": fixes(fact)}, related(fact)) if {
	some fact in input.facts.schema
	fact.reason in {"enum", "invalid", "duplicate", "forbidden", "not-found"}
	msg := sprintf("%s %s", [fact.field, fact.message])
}

# Of two fields that exclude each other, either may be the one that a patch added.
related(fact) := {"related": [{"path": path, "note": "this excludes it"} | some path in fact.beside]} if fact.beside

related(fact) := {} if not fact.beside

fixes(fact) := [fix.suggestion(sprintf("write %q", [fact.suggestion]), [{"set": fact.path, "value": fact.suggestion}])] if {
	fact.suggestion
	fact.reason in {"enum", "not-found"}
	is_string(object.get(input, fact.path, null))
} else := []

# METADATA
# title: JSON patches replace what is there
# description: >-
#   A JSON patch with `op: replace` on a field that does not exist adds it. A misspelt path so makes a new field,
#   and the old value stays.
# custom:
#   scope: overlay
#   needs: [notes]
#   help: >-
#     Correct the path, or write `op: add` if a new field is meant.
package kubevet.kustomize.replace_added

import rego.v1

deny contains {"msg": note.message, "note": i} if {
	some i, note in input.notes
	note.kind == "replace-added"
}

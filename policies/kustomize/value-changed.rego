# METADATA
# title: Values are what was written
# description: >-
#   YAML reads some plain words as something else: 0777 as 511, 1.10 as 1.1, a date as a time. What is applied is
#   then not what people read in the file.
# custom:
#   scope: overlay
#   needs: [notes]
#   help: >-
#     Quote the value, or write it as it is applied.
package kubevet.kustomize.value_changed

import rego.v1

deny contains {"msg": note.message, "note": i} if {
	some i, note in input.notes
	note.kind == "value-changed"
}

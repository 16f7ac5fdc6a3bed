# METADATA
# title: Every variable is used
# description: >-
#   An entry of `vars` that nothing refers to is left over, or the `$(NAME)` that was to use it is misspelt and
#   stays as text.
# custom:
#   scope: overlay
#   needs: [notes]
#   help: >-
#     Correct the reference, or remove the entry; `replacements` are the successor of `vars`.
package kubevet.kustomize.variable_unused

import rego.v1

deny contains {"msg": note.message, "note": i} if {
	some i, note in input.notes
	note.kind == "variable-unused"
}

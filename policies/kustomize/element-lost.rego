# METADATA
# title: Patches lose no list element
# description: >-
#   A strategic merge matches the elements of some lists by a key. Elements that share it, or lack it, are dropped
#   without a word, so that a port or a variable is gone.
# custom:
#   scope: overlay
#   needs: [notes]
#   help: >-
#     Give each element of the patch its own key, or patch the list with a JSON patch.
package kubevet.kustomize.element_lost

import rego.v1

deny contains {"msg": note.message, "note": i} if {
	some i, note in input.notes
	note.kind == "element-lost"
}

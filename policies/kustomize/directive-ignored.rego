# METADATA
# title: Every directive of a patch has an effect
# description: >-
#   A `$patch`, `$setElementOrder` or `$deleteFromPrimitiveList` that Kustomize ignores where it stands leaves
#   what it was to remove.
# custom:
#   scope: overlay
#   needs: [notes]
#   help: >-
#     Move the directive to the map or list element that it is about, or use a JSON patch.
package kubevet.kustomize.directive_ignored

import rego.v1

deny contains {"msg": note.message, "note": i} if {
	some i, note in input.notes
	note.kind == "directive-ignored"
}

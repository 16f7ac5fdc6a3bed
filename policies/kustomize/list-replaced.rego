# METADATA
# title: Patches replace lists only where it is meant
# description: >-
#   For kinds that Kustomize has no schema of (custom resources above all), a strategic merge replaces a list as a
#   whole: elements that only the base has are gone.
# custom:
#   scope: overlay
#   needs: [notes]
#   help: >-
#     List all elements in the patch if that is meant, or use a JSON patch that names the element.
package kubevet.kustomize.list_replaced

import rego.v1

deny contains {"msg": note.message, "note": i} if {
	some i, note in input.notes
	note.kind == "list-replaced"
}

# METADATA
# title: No kustomization uses a deprecated field
# description: >-
#   kubectl warns of these fields, and a later Kustomize drops them.
# custom:
#   scope: overlay
#   needs: [notes]
#   help: >-
#     Run `kustomize edit fix`, or move the entries to the field that the message names.
package kubevet.kustomize.deprecated_field

import rego.v1

deny contains {"msg": note.message, "note": i} if {
	some i, note in input.notes
	note.kind == "deprecated-field"
}

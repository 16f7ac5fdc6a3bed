# METADATA
# title: Every patch has something to patch
# description: >-
#   A patch whose target matches no object changes nothing, and Kustomize says nothing: the limit, the probe or
#   the name that it was to set is not there. A typo in the target or a renamed object is the usual reason.
# custom:
#   scope: overlay
#   needs: [notes]
#   help: >-
#     Correct the target's kind, name or selector, or remove the patch.
package kubevet.kustomize.target_matches_nothing

import rego.v1

deny contains {"msg": note.message, "note": i} if {
	some i, note in input.notes
	note.kind == "target-matches-nothing"
}

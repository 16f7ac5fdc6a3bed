# METADATA
# title: Every image override has an image to override
# description: >-
#   An entry of `images` whose name no container has changes nothing, and Kustomize says nothing: the tag or
#   digest that it was to pin is not pinned. The name must be the whole name without tag, registry included.
# custom:
#   scope: overlay
#   needs: [notes]
#   help: >-
#     Write the name as the containers have it, or remove the entry.
package kubevet.kustomize.image_matches_nothing

import rego.v1

deny contains {"msg": note.message, "note": i} if {
	some i, note in input.notes
	note.kind == "image-matches-nothing"
}

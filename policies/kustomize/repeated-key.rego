# METADATA
# title: Kustomizations say each thing once
# description: >-
#   Of a key that a kustomization or another file of Kustomize has twice, only the last counts; what the first one
#   listed is not built. Likewise only the last of two overrides of an image counts.
# custom:
#   scope: overlay
#   needs: [notes.key-repeated]
#   help: >-
#     Put both lists into one, and remove the override that does not count.
#   examples:
#     good: |
#       # file: kustomization.yaml
#       configMapGenerator:
#         - {name: one, literals: [a=b]}
#         - {name: two, literals: [a=b]}
#     bad: |
#       # file: kustomization.yaml
#       configMapGenerator:
#         - {name: one, literals: [a=b]}
#       configMapGenerator:
#         - {name: two, literals: [a=b]}
package kubevet.kustomize.repeated_key

import rego.v1

deny contains {"msg": note.message, "note": i} if {
	some i, note in input.notes
	note.kind == "key-repeated"
}

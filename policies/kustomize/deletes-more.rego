# METADATA
# title: Patches delete what they name
# description: >-
#   With a target, the name in a patch means nothing: whatever the target selects is deleted.
# custom:
#   scope: overlay
#   needs: [notes.deletes-more]
#   help: >-
#     Name the object in the target too, or leave the target out.
#   examples:
#     good: |
#       # file: overlays/prod/kustomization.yaml
#       resources: [../../base]
#       patches:
#         - target: {kind: ConfigMap, name: one}
#           patch: |-
#             $patch: delete
#             apiVersion: v1
#             kind: ConfigMap
#             metadata: {name: one}
#       # file: base/kustomization.yaml
#       resources: [cm.yaml]
#       # file: base/cm.yaml
#       apiVersion: v1
#       kind: ConfigMap
#       metadata: {name: one}
#       ---
#       apiVersion: v1
#       kind: ConfigMap
#       metadata: {name: two}
#       ---
#       apiVersion: v1
#       kind: ConfigMap
#       metadata: {name: three}
#     bad: |
#       # file: overlays/prod/kustomization.yaml
#       resources: [../../base]
#       patches:
#         - target: {kind: ConfigMap, name: one|two}
#           patch: |-
#             $patch: delete
#             apiVersion: v1
#             kind: ConfigMap
#             metadata: {name: one}
#       # file: base/kustomization.yaml
#       resources: [cm.yaml]
#       # file: base/cm.yaml
#       apiVersion: v1
#       kind: ConfigMap
#       metadata: {name: one}
#       ---
#       apiVersion: v1
#       kind: ConfigMap
#       metadata: {name: two}
#       ---
#       apiVersion: v1
#       kind: ConfigMap
#       metadata: {name: three}
package kubevet.kustomize.deletes_more

import rego.v1

deny contains {"msg": note.message, "note": i} if {
	some i, note in input.notes
	note.kind == "deletes-more"
}

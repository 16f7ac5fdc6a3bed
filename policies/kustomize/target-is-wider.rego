# METADATA
# title: Patches change what they name
# description: >-
#   With a target, the name in a patch means nothing: the patch is for whatever the target selects. One that names an
#   object and selects others beside it was most likely meant for that object alone.
# custom:
#   scope: overlay
#   needs: [notes.target-is-wider]
#   help: >-
#     Name the object in the target too, or leave the target out. Where all are meant, give the patch a name that is nobody's.
#   examples:
#     good: |
#       # file: overlays/prod/kustomization.yaml
#       resources: [../../base]
#       patches:
#         - target: {kind: ConfigMap}
#           patch: |-
#             apiVersion: v1
#             kind: ConfigMap
#             metadata: {name: any}
#             data: {LEVEL: warn}
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
#     bad: |
#       # file: overlays/prod/kustomization.yaml
#       resources: [../../base]
#       patches:
#         - target: {kind: ConfigMap}
#           patch: |-
#             apiVersion: v1
#             kind: ConfigMap
#             metadata: {name: one}
#             data: {LEVEL: warn}
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
package kubevet.kustomize.target_is_wider

import rego.v1

deny contains {"msg": note.message, "note": i} if {
	some i, note in input.notes
	note.kind == "target-is-wider"
}

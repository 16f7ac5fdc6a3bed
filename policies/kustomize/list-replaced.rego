# METADATA
# title: Patches replace lists only where it is meant
# description: >-
#   For kinds that Kustomize has no schema of (custom resources above all), a strategic merge replaces a list as a
#   whole: elements that only the base has are gone. So does `add` of a JSON patch where the list or map is there.
# custom:
#   scope: overlay
#   needs: [notes.list-replaced]
#   help: >-
#     List all elements in the patch if that is meant (with `replace` in a JSON patch), or use a JSON patch that names the element or the key.
#   examples:
#     good: |
#       # file: overlays/prod/kustomization.yaml
#       resources: [../../base]
#       patches:
#         - target: {kind: Listeners, name: main}
#           patch: |-
#             - {op: replace, path: /spec/listeners/1/port, value: 9094}
#       # file: base/kustomization.yaml
#       resources: [listeners.yaml]
#       # file: base/listeners.yaml
#       apiVersion: kafka.example/v1
#       kind: Listeners
#       metadata: {name: main}
#       spec:
#         listeners:
#           - {name: plain, port: 9092}
#           - {name: tls, port: 9093}
#     bad: |
#       # file: overlays/prod/kustomization.yaml
#       resources: [../../base]
#       patches:
#         - patch: |-
#             apiVersion: kafka.example/v1
#             kind: Listeners
#             metadata: {name: main}
#             spec:
#               listeners: [{name: tls, port: 9094}]
#       # file: base/kustomization.yaml
#       resources: [listeners.yaml]
#       # file: base/listeners.yaml
#       apiVersion: kafka.example/v1
#       kind: Listeners
#       metadata: {name: main}
#       spec:
#         listeners:
#           - {name: plain, port: 9092}
#           - {name: tls, port: 9093}
package kubevet.kustomize.list_replaced

import rego.v1

deny contains {"msg": note.message, "note": i} if {
	some i, note in input.notes
	note.kind == "list-replaced"
}

# METADATA
# title: Patches lose no list element
# description: >-
#   A strategic merge matches the elements of some lists by a key. Elements that share it, or lack it, are dropped
#   without a word, so that a port or a variable is gone.
# custom:
#   scope: overlay
#   needs: [notes.element-lost]
#   help: >-
#     Give each element of the patch its own key, or patch the list with a JSON patch.
#   examples:
#     good: |
#       # file: overlays/prod/kustomization.yaml
#       resources: [../../base]
#       patches:
#         - patch: |-
#             apiVersion: apps/v1
#             kind: Deployment
#             metadata: {name: web}
#             spec:
#               template:
#                 spec:
#                   containers:
#                     - name: web
#                       image: registry.example/web:2
#       # file: base/kustomization.yaml
#       resources: [web.yaml]
#       # file: base/web.yaml
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web}
#       spec:
#         template:
#           metadata: {labels: {app: web}}
#           spec:
#             containers:
#               - name: web
#                 image: registry.example/web:1.4
#     bad: |
#       # file: overlays/prod/kustomization.yaml
#       resources: [../../base]
#       patches:
#         - patch: |-
#             apiVersion: apps/v1
#             kind: Deployment
#             metadata: {name: web}
#             spec:
#               template:
#                 spec:
#                   containers:
#                     - $patch: replace
#                       name: web
#                       image: registry.example/web:2
#       # file: base/kustomization.yaml
#       resources: [web.yaml]
#       # file: base/web.yaml
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web}
#       spec:
#         template:
#           metadata: {labels: {app: web}}
#           spec:
#             containers:
#               - name: web
#                 image: registry.example/web:1.4
package kubevet.kustomize.element_lost

import rego.v1

deny contains {"msg": note.message, "note": i} if {
	some i, note in input.notes
	note.kind == "element-lost"
}

# METADATA
# title: Every directive of a patch has an effect
# description: >-
#   A `$patch`, `$setElementOrder` or `$deleteFromPrimitiveList` that Kustomize ignores where it stands leaves
#   what it was to remove.
# custom:
#   scope: overlay
#   needs: [notes.directive-ignored]
#   help: >-
#     Move the directive to the map or list element that it is about, or use a JSON patch.
#   examples:
#     good: |
#       # file: overlays/prod/kustomization.yaml
#       resources: [../../base]
#       patches:
#         - target: {kind: Deployment, name: web}
#           patch: |-
#             - op: replace
#               path: /spec
#               value:
#                 replicas: 2
#                 template:
#                   spec: {containers: [{name: web, image: registry.example/web:2}]}
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
#             $patch: replace
#             apiVersion: apps/v1
#             kind: Deployment
#             metadata: {name: web}
#             spec: {replicas: 2}
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
package kubevet.kustomize.directive_ignored

import rego.v1

deny contains {"msg": note.message, "note": i} if {
	some i, note in input.notes
	note.kind == "directive-ignored"
}

# METADATA
# title: JSON patches replace what is there
# description: >-
#   A JSON patch with `op: replace` on a field that does not exist adds it. A misspelt path so makes a new field,
#   and the old value stays.
# custom:
#   scope: overlay
#   needs: [notes.replace-added]
#   help: >-
#     Correct the path, or write `op: add` if a new field is meant.
#   examples:
#     good: |
#       # file: overlays/prod/kustomization.yaml
#       resources: [../../base]
#       patches:
#         - target: {kind: Deployment, name: web}
#           patch: |-
#             - {op: add, path: /spec/replicas, value: 3}
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
#         - target: {kind: Deployment, name: web}
#           patch: |-
#             - {op: replace, path: /spec/replica, value: 3}
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
package kubevet.kustomize.replace_added

import rego.v1

deny contains {"msg": note.message, "note": i} if {
	some i, note in input.notes
	note.kind == "replace-added"
}

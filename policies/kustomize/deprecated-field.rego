# METADATA
# title: No kustomization uses a deprecated field
# description: >-
#   kubectl warns of these fields, and a later Kustomize drops them.
# custom:
#   scope: overlay
#   needs: [notes.deprecated-field]
#   help: >-
#     Run `kustomize edit fix`, or move the entries to the field that the message names.
#   examples:
#     good: |
#       # file: overlays/prod/kustomization.yaml
#       resources: [../../base]
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
#       bases: [../../base]
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
package kubevet.kustomize.deprecated_field

import rego.v1

deny contains {"msg": note.message, "note": i} if {
	some i, note in input.notes
	note.kind == "deprecated-field"
}

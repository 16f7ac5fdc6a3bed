# METADATA
# title: Values are what was written
# description: >-
#   YAML reads some plain words as something else: 0777 as 511, 1.10 as 1.1, a date as a time. What is applied is
#   then not what people read in the file.
# custom:
#   scope: overlay
#   needs: [notes.value-changed]
#   fix: true
#   help: >-
#     Quote the value, or write it as it is applied.
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
#         revisionHistoryLimit: 10
#         template:
#           metadata: {labels: {app: web}}
#           spec:
#             containers:
#               - name: web
#                 image: registry.example/web:1.4
#     bad: |
#       # file: overlays/prod/kustomization.yaml
#       resources: [../../base]
#       # file: base/kustomization.yaml
#       resources: [web.yaml]
#       # file: base/web.yaml
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web}
#       spec:
#         revisionHistoryLimit: 010
#         template:
#           metadata: {labels: {app: web}}
#           spec:
#             containers:
#               - name: web
#                 image: registry.example/web:1.4
package kubevet.kustomize.value_changed

import data.kubevet.lib.fix
import rego.v1

deny contains {"msg": note.message, "note": i, "fix": quote} if {
	some i, note in input.notes
	note.kind == "value-changed"
}

# Where a number is wanted, what stands there was meant to be read so.
quote := fix.suggestion("quote it", [{"source": "quote"}])

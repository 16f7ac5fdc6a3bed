# METADATA
# title: No kustomization uses a deprecated field
# description: >-
#   kubectl warns of these fields, and a later Kustomize drops them.
# custom:
#   scope: overlay
#   needs: [notes.deprecated-field]
#   fix: true
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

import data.kubevet.lib.fix
import rego.v1

deny contains {"msg": note.message, "note": i, "fix": fixes(note)} if {
	some i, note in input.notes
	note.kind == "deprecated-field"
}

# Of vars nobody else knows where they are used.
fixes(note) := [fix.safe(sprintf("use %s", [note.deprecated.successor]), [edit])] if {
	edit := object.union({"to": note.deprecated.successor}, successor(note.deprecated))
} else := []

successor(field) := {"source": "rename"} if {
	field.name in {"bases", "imageTags", "patchesJson6902"}
} else := {"source": "rewrite", "value": [patch(text) | some text in field.value]} if {
	field.name == "patchesStrategicMerge"
} else := {"source": "rewrite", "value": [{"includeSelectors": true, "pairs": field.value}]} if {
	field.name == "commonLabels"
}

# A patch in place has fields.
patch(text) := {"patch": text} if {
	regex.match(`:([ \n]|$)`, text)
} else := {"path": text}

# METADATA
# title: Every patch has something to patch
# description: >-
#   A patch whose target matches no object changes nothing, and Kustomize says nothing: the limit, the probe or
#   the name that it was to set is not there. A typo in the target or a renamed object is the usual reason.
# custom:
#   scope: overlay
#   needs: [notes.target-matches-nothing]
#   fix: true
#   help: >-
#     Correct the target's kind, name or selector, or remove the patch.
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
#         - target: {kind: Deployment, name: webb}
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
package kubevet.kustomize.target_matches_nothing

import data.kubevet.lib.fix
import rego.v1

deny contains {"msg": note.message, "note": i, "fix": drop} if {
	some i, note in input.notes
	note.kind == "target-matches-nothing"
}

# What it was written for may have another name by now.
drop := fix.suggestion("remove what matches nothing", [{"source": "remove"}])

# METADATA
# title: Patches delete what is there
# description: >-
#   An element that a patch deletes and no object has is a name that is written wrong, or gone from the base: the
#   patch does nothing.
# custom:
#   scope: overlay
#   needs: [notes.deletes-nothing]
#   fix: true
#   help: >-
#     Correct the name, or remove the element from the patch.
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
#                       env:
#                         - {name: MODE, $patch: delete}
#       # file: base/kustomization.yaml
#       resources: [deployment.yaml]
#       # file: base/deployment.yaml
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web}
#       spec:
#         template:
#           spec:
#             containers:
#               - name: web
#                 env:
#                   - {name: MODE, value: slow}
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
#                     - name: web
#                       env:
#                         - {name: MODUS, $patch: delete}
#       # file: base/kustomization.yaml
#       resources: [deployment.yaml]
#       # file: base/deployment.yaml
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web}
#       spec:
#         template:
#           spec:
#             containers:
#               - name: web
#                 env:
#                   - {name: MODE, value: slow}
package kubevet.kustomize.deletes_nothing

import data.kubevet.lib.fix
import rego.v1

deny contains {"msg": note.message, "note": i, "fix": drop} if {
	some i, note in input.notes
	note.kind == "deletes-nothing"
}

# What it was written for may have another name by now.
drop := fix.suggestion("remove what deletes nothing", [{"source": "remove"}])

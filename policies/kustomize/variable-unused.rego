# METADATA
# title: Every variable is used
# description: >-
#   An entry of `vars` that nothing refers to is left over, or the `$(NAME)` that was to use it is misspelt and
#   stays as text.
# custom:
#   scope: overlay
#   needs: [notes.variable-unused]
#   fix: true
#   help: >-
#     Correct the reference, or remove the entry; `replacements` are the successor of `vars`.
#   examples:
#     good: |
#       # file: overlays/prod/kustomization.yaml
#       resources: [web.yaml, service.yaml]
#       vars:
#         - {name: BACKEND, objref: {apiVersion: v1, kind: Service, name: backend}}
#       # file: overlays/prod/service.yaml
#       apiVersion: v1
#       kind: Service
#       metadata: {name: backend}
#       spec: {ports: [{port: 80}]}
#       # file: overlays/prod/web.yaml
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
#                 args: [--backend=$(BACKEND)]
#     bad: |
#       # file: overlays/prod/kustomization.yaml
#       resources: [web.yaml, service.yaml]
#       vars:
#         - {name: BACKEND, objref: {apiVersion: v1, kind: Service, name: backend}}
#       # file: overlays/prod/service.yaml
#       apiVersion: v1
#       kind: Service
#       metadata: {name: backend}
#       spec: {ports: [{port: 80}]}
#       # file: overlays/prod/web.yaml
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
#                 args: [--backend=$(BACKND)]
package kubevet.kustomize.variable_unused

import data.kubevet.lib.fix
import rego.v1

deny contains {"msg": note.message, "note": i, "fix": drop} if {
	some i, note in input.notes
	note.kind == "variable-unused"
}

# What was to use it may be misspelt.
drop := fix.suggestion("remove the variable", [{"source": "remove"}])

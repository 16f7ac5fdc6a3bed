# METADATA
# title: A patch keeps the order of init containers
# description: >-
#   Init containers run one after the other, and Kustomize puts those that a strategic merge patch names before
#   all others. A patch that only raises a limit can so let a migration run before the wait for its database.
# custom:
#   scope: overlay
#   needs: [notes.init-containers-reordered]
#   help: >-
#     Name all init containers in the patch, in the order in which they must run, or use a JSON 6902 patch.
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
#                   initContainers:
#                     - {name: wait-for-database}
#                     - {name: migrate, workingDir: /app}
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
#             initContainers:
#               - {name: wait-for-database, image: busybox}
#               - {name: migrate, image: registry.example/web:1.4}
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
#                   initContainers:
#                     - {name: migrate, workingDir: /app}
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
#             initContainers:
#               - {name: wait-for-database, image: busybox}
#               - {name: migrate, image: registry.example/web:1.4}
package kubevet.kustomize.init_container_order

import rego.v1

deny contains {"msg": note.message, "note": i} if {
	some i, note in input.notes
	note.kind == "init-containers-reordered"
}

# METADATA
# title: A workload keeps its hardening on the way to production
# description: >-
#   A read-only root filesystem, dropped capabilities, a user that is not root, a seccomp profile or the ban on privilege
#   escalation: an environment below this one has it, so the workload can live with it, and here it is missing.
# custom:
#   scope: environments
#   needs: [facts.lost]
#   help: >-
#     Remove what takes the setting away, or move it into the base.
#   examples:
#     good: |
#       # file: overlays/prod/kustomization.yaml
#       resources: [../../base]
#       # file: overlays/dev/kustomization.yaml
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
#                 securityContext: {readOnlyRootFilesystem: true}
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
#                   containers: [{name: web, securityContext: null}]
#       # file: overlays/dev/kustomization.yaml
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
#                 securityContext: {readOnlyRootFilesystem: true}
package kubevet.drift.security_context

import data.kubevet.lib.drift
import rego.v1

deny contains finding if some finding in drift.findings("security-context")

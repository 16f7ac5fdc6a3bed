# METADATA
# title: A container keeps its requests and limits on the way to production
# description: >-
#   A request or limit of CPU or memory that an environment below this one has is missing here. Other amounts are no drift.
# custom:
#   scope: environments
#   needs: [facts.lost]
#   help: >-
#     Name an amount for this environment, or remove what takes it away.
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
#                   containers: [{name: web, resources: {limits: {memory: 4Gi}}}]
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
#                 resources: {limits: {memory: 1Gi}}
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
#                   containers: [{name: web, resources: null}]
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
#                 resources: {limits: {memory: 1Gi}}
package kubevet.drift.resources

import data.kubevet.lib.drift
import rego.v1

deny contains finding if some finding in drift.findings("resource")

# METADATA
# title: A container keeps its probes on the way to production
# description: >-
#   A livenessProbe, readinessProbe or startupProbe that an environment below this one has was tried there and is missing
#   here, often because a patch replaced more than it meant to.
# custom:
#   scope: environments
#   needs: [facts.lost]
#   help: >-
#     Remove what takes the probe away, or move the probe into the base.
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
#                 livenessProbe: {httpGet: {path: /live, port: 80}}
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
#                   containers: [{name: web, livenessProbe: null}]
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
#                 livenessProbe: {httpGet: {path: /live, port: 80}}
package kubevet.drift.probes

import data.kubevet.lib.drift
import rego.v1

deny contains finding if some finding in drift.findings("probe")

# METADATA
# title: A workload keeps what holds it up on the way to production
# description: >-
#   A PodDisruptionBudget, a rule that spreads replicas over nodes, or a preStop hook that lets connections drain: an
#   environment below this one has it, and here it is missing.
# custom:
#   scope: environments
#   needs: [facts.lost]
#   help: >-
#     Take it into this overlay too, or move it into the base.
#   examples:
#     good: |
#       # file: overlays/prod/kustomization.yaml
#       resources: [../../base]
#       # file: overlays/dev/kustomization.yaml
#       resources: [../../base]
#       # file: base/kustomization.yaml
#       resources: [web.yaml, budget.yaml]
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
#       # file: base/budget.yaml
#       apiVersion: policy/v1
#       kind: PodDisruptionBudget
#       metadata: {name: web}
#       spec:
#         maxUnavailable: 1
#         selector: {matchLabels: {app: web}}
#     bad: |
#       # file: overlays/prod/kustomization.yaml
#       resources: [../../base]
#       patches:
#         - patch: |-
#             $patch: delete
#             apiVersion: policy/v1
#             kind: PodDisruptionBudget
#             metadata: {name: web}
#       # file: overlays/dev/kustomization.yaml
#       resources: [../../base]
#       # file: base/kustomization.yaml
#       resources: [web.yaml, budget.yaml]
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
#       # file: base/budget.yaml
#       apiVersion: policy/v1
#       kind: PodDisruptionBudget
#       metadata: {name: web}
#       spec:
#         maxUnavailable: 1
#         selector: {matchLabels: {app: web}}
package kubevet.drift.availability

import data.kubevet.lib.drift
import rego.v1

deny contains finding if some finding in drift.findings("availability")

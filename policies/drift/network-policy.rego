# METADATA
# title: A workload keeps its NetworkPolicy on the way to production
# description: >-
#   A NetworkPolicy covers the workload in an environment below this one, and none does here: everybody may talk to it.
# custom:
#   scope: environments
#   needs: [facts.lost]
#   help: >-
#     Take the component or file with the policy into this overlay too, or correct the labels that it selects.
#   examples:
#     good: |
#       # file: overlays/prod/kustomization.yaml
#       resources: [../../base]
#       # file: overlays/dev/kustomization.yaml
#       resources: [../../base]
#       # file: base/kustomization.yaml
#       resources: [web.yaml, policy.yaml]
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
#       # file: base/policy.yaml
#       apiVersion: networking.k8s.io/v1
#       kind: NetworkPolicy
#       metadata: {name: web}
#       spec:
#         podSelector: {matchLabels: {app: web}}
#         ingress: [{from: [{podSelector: {}}]}]
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
#                 metadata: {labels: {app: website}}
#       # file: overlays/dev/kustomization.yaml
#       resources: [../../base]
#       # file: base/kustomization.yaml
#       resources: [web.yaml, policy.yaml]
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
#       # file: base/policy.yaml
#       apiVersion: networking.k8s.io/v1
#       kind: NetworkPolicy
#       metadata: {name: web}
#       spec:
#         podSelector: {matchLabels: {app: web}}
#         ingress: [{from: [{podSelector: {}}]}]
package kubevet.drift.network_policy

import data.kubevet.lib.drift
import rego.v1

deny contains finding if some finding in drift.findings("network-policy")

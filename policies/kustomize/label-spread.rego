# METADATA
# title: Common labels stay out of what they break
# description: >-
#   commonLabels and includeSelectors write labels into every selector: into those of workloads and into claim
#   templates, which the API server lets nobody change afterwards, into the peers of NetworkPolicies, whose Pods
#   others label, and into Services that have no selector because their addresses are listed by hand.
# custom:
#   scope: overlay
#   needs: [notes.label-spread]
#   help: >-
#     Use `labels` with includeTemplates and without includeSelectors, or set the label where it belongs.
#   examples:
#     good: |
#       # file: overlays/prod/kustomization.yaml
#       resources: [../../base]
#       labels:
#         - includeSelectors: true
#           pairs: {team: "1.4"}
#       # file: base/kustomization.yaml
#       resources: [deployment.yaml]
#       # file: base/deployment.yaml
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web}
#       spec:
#         selector: {matchLabels: {app: web}}
#         template:
#           metadata: {labels: {app: web}}
#           spec: {containers: [{name: web, image: web}]}
#     bad: |
#       # file: overlays/prod/kustomization.yaml
#       resources: [../../base]
#       labels:
#         - includeSelectors: true
#           pairs: {app.kubernetes.io/version: "1.4"}
#       # file: base/kustomization.yaml
#       resources: [deployment.yaml]
#       # file: base/deployment.yaml
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web}
#       spec:
#         selector: {matchLabels: {app: web}}
#         template:
#           metadata: {labels: {app: web}}
#           spec: {containers: [{name: web, image: web}]}
package kubevet.kustomize.label_spread

import rego.v1

deny contains {"msg": note.message, "note": i} if {
	some i, note in input.notes
	note.kind == "label-spread"
}

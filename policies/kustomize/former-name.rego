# METADATA
# title: Targets of patches match one name
# description: >-
#   A target matches an object by any name that it has had, so that a patch for one object also changes another
#   that was called so before its prefix or suffix.
# custom:
#   scope: overlay
#   needs: [notes.former-name]
#   help: >-
#     Add a label to what is meant and select by it, or give the two other names in their bases.
#   examples:
#     good: |
#       # file: kustomization.yaml
#       resources: [one, two]
#       patches:
#         - target: {kind: ConfigMap, name: settings-api}
#           patch: |-
#             - {op: add, path: /data, value: {a: b}}
#       # file: one/kustomization.yaml
#       resources: [cm.yaml]
#       nameSuffix: -api
#       # file: one/cm.yaml
#       apiVersion: v1
#       kind: ConfigMap
#       metadata: {name: settings}
#       # file: two/kustomization.yaml
#       resources: [cm.yaml]
#       # file: two/cm.yaml
#       apiVersion: v1
#       kind: ConfigMap
#       metadata: {name: settings}
#     bad: |
#       # file: kustomization.yaml
#       resources: [one, two]
#       patches:
#         - target: {kind: ConfigMap, name: settings}
#           patch: |-
#             - {op: add, path: /data, value: {a: b}}
#       # file: one/kustomization.yaml
#       resources: [cm.yaml]
#       nameSuffix: -api
#       # file: one/cm.yaml
#       apiVersion: v1
#       kind: ConfigMap
#       metadata: {name: settings}
#       # file: two/kustomization.yaml
#       resources: [cm.yaml]
#       # file: two/cm.yaml
#       apiVersion: v1
#       kind: ConfigMap
#       metadata: {name: settings}
package kubevet.kustomize.former_name

import rego.v1

deny contains {"msg": note.message, "note": i} if {
	some i, note in input.notes
	note.kind == "former-name"
}

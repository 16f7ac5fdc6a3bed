# METADATA
# title: Configurations of transformers have fields that exist
# description: >-
#   Kustomize passes over a field of a transformer or generator configuration that it does not know, so that one
#   that is misspelt does nothing.
# custom:
#   scope: overlay
#   needs: [notes.field-unknown]
#   help: >-
#     Correct the field.
#   examples:
#     good: |
#       # file: kustomization.yaml
#       resources: [cm.yaml]
#       transformers: [namespace.yaml]
#       # file: namespace.yaml
#       apiVersion: builtin
#       kind: NamespaceTransformer
#       metadata: {name: set, namespace: web}
#       unsetOnly: true
#       # file: cm.yaml
#       apiVersion: v1
#       kind: ConfigMap
#       metadata: {name: one}
#     bad: |
#       # file: kustomization.yaml
#       resources: [cm.yaml]
#       transformers: [namespace.yaml]
#       # file: namespace.yaml
#       apiVersion: builtin
#       kind: NamespaceTransformer
#       metadata: {name: set, namespace: web}
#       unsetonlly: true
#       # file: cm.yaml
#       apiVersion: v1
#       kind: ConfigMap
#       metadata: {name: one}
package kubevet.kustomize.unknown_field

import rego.v1

deny contains {"msg": note.message, "note": i} if {
	some i, note in input.notes
	note.kind == "field-unknown"
}

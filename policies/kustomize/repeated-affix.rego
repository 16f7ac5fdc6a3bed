# METADATA
# title: Nothing is put to the same objects twice
# description: >-
#   A component, or an overlay upon another, puts its namePrefix or nameSuffix to all objects that are there, also
#   to those that have it already. And a component that two kustomizations take in, of which one builds on the other,
#   is applied twice: what it adds to a list is there twice.
# custom:
#   scope: overlay
#   needs: [notes.affix-repeated]
#   help: >-
#     Set the prefix in one place: the kustomization that lists the objects, or the overlay above all of them. Take a component
#     in once, where the objects come together.
#   examples:
#     good: |
#       # file: overlays/prod/kustomization.yaml
#       resources: [../../base]
#       namePrefix: eu-
#       # file: base/kustomization.yaml
#       resources: [cm.yaml]
#       # file: base/cm.yaml
#       apiVersion: v1
#       kind: ConfigMap
#       metadata: {name: settings}
#       data: {A: b}
#     bad: |
#       # file: overlays/prod/kustomization.yaml
#       resources: [../../base]
#       namePrefix: eu-
#       # file: base/kustomization.yaml
#       resources: [cm.yaml]
#       namePrefix: eu-
#       # file: base/cm.yaml
#       apiVersion: v1
#       kind: ConfigMap
#       metadata: {name: settings}
#       data: {A: b}
package kubevet.kustomize.repeated_affix

import rego.v1

deny contains {"msg": note.message, "note": i} if {
	some i, note in input.notes
	note.kind == "affix-repeated"
}

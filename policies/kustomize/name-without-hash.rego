# METADATA
# title: Whatever names a generated object gets its hash
# description: >-
#   Kustomize puts the hash behind the name of a generated object and into the fields that it knows; in custom
#   resources and arguments the old name stays, and nothing is called so.
# custom:
#   scope: overlay
#   needs: [notes.name-without-hash]
#   help: >-
#     List the field under nameReference in `configurations`, or set disableNameSuffixHash for this generator.
#   examples:
#     good: |
#       # file: kustomization.yaml
#       resources: [worker.yaml]
#       configMapGenerator: [{name: settings, literals: [a=b]}]
#       # file: worker.yaml
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: worker}
#       spec:
#         containers: [{name: a, image: a, envFrom: [{configMapRef: {name: settings}}]}]
#     bad: |
#       # file: kustomization.yaml
#       resources: [worker.yaml]
#       configMapGenerator: [{name: settings, literals: [a=b]}]
#       # file: worker.yaml
#       apiVersion: example.com/v1
#       kind: Worker
#       metadata: {name: worker}
#       spec:
#         configMapRef: {name: settings}
package kubevet.kustomize.name_without_hash

import rego.v1

deny contains {"msg": note.message, "note": i} if {
	some i, note in input.notes
	note.kind == "name-without-hash"
}

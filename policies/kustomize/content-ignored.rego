# METADATA
# title: Kustomize reads all that a file holds
# description: >-
#   `...` ends a YAML document, and only a line `---` begins another; behind the brace that closes a JSON value nothing
#   does. Kustomize drops what follows without a word. Of kustomizations, JSON patches and its other own files it
#   reads the first document and no more.
# custom:
#   scope: overlay
#   needs: [notes.content-ignored]
#   help: >-
#     Put a line `---` between objects, move what follows to a file of its own, or remove it.
#   examples:
#     good: |
#       # file: overlays/prod/kustomization.yaml
#       resources: [both.json]
#       # file: overlays/prod/both.json
#       {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "first"}}
#       ---
#       {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "second"}}
#     bad: |
#       # file: overlays/prod/kustomization.yaml
#       resources: [both.json]
#       # file: overlays/prod/both.json
#       {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "first"}}
#       {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "second"}}
package kubevet.kustomize.content_ignored

import rego.v1

deny contains {"msg": note.message, "note": i} if {
	some i, note in input.notes
	note.kind == "content-ignored"
}

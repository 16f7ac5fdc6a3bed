# METADATA
# title: Names of generated ConfigMaps and Secrets have a hash
# description: >-
#   With the hash in its name, a changed ConfigMap is a new object, and Pods that use it roll out. Without it
#   they keep the old values until something else restarts them, and a rollback of the Deployment does not bring
#   back its configuration.
# custom:
#   scope: overlay
#   needs: [notes.hash-disabled]
#   fix: true
#   help: >-
#     Remove disableNameSuffixHash. Where a stable name is needed, by a custom resource or another repository,
#     waive the rule for this kustomization.
#   examples:
#     good: |
#       # file: overlays/prod/kustomization.yaml
#       configMapGenerator:
#         - name: settings
#           literals: [LOG_LEVEL=info]
#     bad: |
#       # file: overlays/prod/kustomization.yaml
#       configMapGenerator:
#         - name: settings
#           literals: [LOG_LEVEL=info]
#       generatorOptions: {disableNameSuffixHash: true}
package kubevet.kustomize.generator_hash

import data.kubevet.lib.fix
import rego.v1

deny contains {"msg": note.message, "note": i, "fix": named} if {
	some i, note in input.notes
	note.kind == "hash-disabled"
}

# What names the object from outside of the kustomization finds it no more.
named := fix.suggestion("let the name change with the content", [{"source": "remove"}])

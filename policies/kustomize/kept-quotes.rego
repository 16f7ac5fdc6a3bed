# METADATA
# title: Values in files of variables have no quotes
# description: >-
#   Other than a shell, Kustomize takes a line of an env file as it is: quotes around a value become part of it.
# custom:
#   scope: overlay
#   needs: [notes.quotes-kept]
#   help: >-
#     Remove the quotes.
#   examples:
#     good: |
#       # file: kustomization.yaml
#       configMapGenerator: [{name: a, envs: [settings.env]}]
#       # file: settings.env
#       GREETING=hello world
#     bad: |
#       # file: kustomization.yaml
#       configMapGenerator: [{name: a, envs: [settings.env]}]
#       # file: settings.env
#       GREETING="hello world"
package kubevet.kustomize.kept_quotes

import rego.v1

deny contains {"msg": note.message, "note": i} if {
	some i, note in input.notes
	note.kind == "quotes-kept"
}

# METADATA
# title: Values in files of variables are what they look like
# description: >-
#   Other than a shell, Kustomize takes a line of an env file as it is: quotes around a value become part of it, and so does a
#   comment behind it.
# custom:
#   scope: overlay
#   needs: [notes.quotes-kept]
#   help: >-
#     Remove the quotes, and put the comment on a line of its own.
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

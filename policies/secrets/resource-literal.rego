# METADATA
# title: No custom resource holds a credential in plain text
# description: >-
#   Values of a HelmRelease, parameters of an Argo Application, settings of an operator: whoever can read the resource, or
#   the repository, reads what is written there. A password counts whatever it looks like; of a token, key or secret the
#   value must look like one too, as these words are also names of fields that refer to a Secret. Encrypted values
#   (SealedSecret, SOPS) and Pods, which secrets/env-literal looks at, are left out.
# custom:
#   needs: [facts.suspect.resourceCredential]
#   help: >-
#     Put it into a Secret and refer to that: valuesFrom of a HelmRelease, a field that ends in Ref or existingSecret.
#   examples:
#     good: |
#       apiVersion: helm.toolkit.fluxcd.io/v2
#       kind: HelmRelease
#       metadata: {name: db, namespace: shop}
#       spec: {valuesFrom: [{kind: Secret, name: db-values}], values: {auth: {existingSecret: db}}}
#     bad: |
#       apiVersion: helm.toolkit.fluxcd.io/v2
#       kind: HelmRelease
#       metadata: {name: db, namespace: shop}
#       spec: {values: {auth: {password: hunter2-hunter2}}}
package kubevet.secrets.resource_literal

import data.kubevet.lib.configuration
import data.kubevet.lib.credentials
import rego.v1

deny contains {"msg": msg, "path": text.path} if {
	some text in fields
	credentials.named(text.name)
	credentials.literal(text.value)
	not contains(trim_space(text.value), "\n")
	meant(text.name, text.value)
	msg := sprintf("%s is a credential written in plain text", [text.label])
}

# Files, arguments and YAML inside of a text.
deny contains {"msg": msg, "path": text.path} if {
	some text in fields
	regex.match(`\n|^-|[={]|: `, text.value)
	some name in credentials.set_in_text(text.value)
	msg := sprintf("%s sets the credential %s in plain text", [text.label, name])
}

deny contains {"msg": msg, "path": text.path} if {
	some text in fields
	contains(text.value, "\n")
	what := credentials.set_in_form(text.name, text.value)
	msg := sprintf("%s has %s in plain text", [text.label, what])
}

fields := [text |
	some text in configuration.resource_texts
	not in_pod(text.path)
]

# In the containers of a Pod, which are shown to the rules for those.
in_pod(path) if {
	pod := input.facts.pods[_]
	array.slice(path, 0, count(pod)) == pod
	array.slice(path, count(pod), count(pod) + 2)[_] in containers
}

containers := {"container", "containerSet", "containers", "initContainers", "script", "sidecars", "steps"}

# A password is one whatever it is; the name of a variable or of a field is none.
meant(name, value) if {
	regex.match(`(password|passwd|passphrase|passcode)$`, concat("_", credentials.words(name)))
	not regex.match(`^[A-Z][A-Z0-9_]*$`, value)
	not regex.match(`^[a-z]*(password|passwd|passphrase)$`, lower(value))
}

meant(_, value) if credentials.looks_random(value)

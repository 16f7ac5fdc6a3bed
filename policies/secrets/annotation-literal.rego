# METADATA
# title: No credential is kept in an annotation
# description: >-
#   Annotations are shown with every object, copied into events and metrics, and never encrypted. An annotation counts if
#   the last part of its name is that of a credential. `kubectl.kubernetes.io/last-applied-configuration` of a Secret counts
#   as well: it repeats all of the Secret's data.
# custom:
#   keys: [annotations]
#   texts: [auth, cred, key, pass, pwd, secret, token]
#   help: Remove the annotation, keep the value in a Secret, and rotate the credential.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Service
#       metadata: {name: app, annotations: {example.com/password-secret-ref: app-credentials}}
#     bad: |
#       apiVersion: v1
#       kind: Service
#       metadata: {name: app, annotations: {example.com/api-token: hunter2}}
package kubevet.secrets.annotation_literal

import data.kubevet.lib.configuration
import data.kubevet.lib.credentials
import rego.v1

# Names here are often settings of a controller whose value is the name of a Secret ("ingress…/auth-secret"), so those
# that end in a bare "secret" or "token" count only with a value that cannot be a name.
deny contains {"msg": msg, "path": annotation.path} if {
	some annotation in configuration.annotations
	parts := split(annotation.name, "/")
	credentials.named(parts[count(parts) - 1])
	credentials.literal(annotation.value)
	not object_name(parts[count(parts) - 1], annotation.value)
	msg := sprintf("%s is a credential written in plain text", [annotation.label])
}

deny contains {"msg": msg, "path": annotation.path} if {
	input.kind == "Secret"
	some annotation in configuration.annotations
	annotation.name == "kubectl.kubernetes.io/last-applied-configuration"
	msg := sprintf("%s repeats the data of the Secret in plain text", [annotation.label])
}

# A file, or settings, inside of an annotation.
deny contains {"msg": msg, "path": annotation.path} if {
	some annotation in configuration.annotations
	some name in credentials.set_in_text(annotation.value)
	msg := sprintf("%s sets the credential %s in plain text", [annotation.label, name])
}

object_name(name, value) if {
	not credentials.strongly_named(name)
	regex.match(`^[a-z0-9]([a-z0-9./-]*[a-z0-9])?$`, value)
	not credentials.looks_random(value)
}

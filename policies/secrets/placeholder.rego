# METADATA
# title: No credential is empty or a placeholder
# description: >-
#   A Secret whose value is still "changeme", or nothing at all, starts an application that is either broken or open: many
#   switch authentication off when the password is empty. This looks at the decoded values of Secrets, and at variables and
#   ConfigMap keys whose name is that of a credential.
# custom:
#   kinds: [Secret, ConfigMap, Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, PodTemplate, Job, CronJob]
#   needs: [facts.suspect.unsetCredential]
#   help: Set the real value where secrets are kept and refer to it, or remove the key if the application can do without.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         containers:
#           - name: app
#             env: [{name: API_TOKEN, valueFrom: {secretKeyRef: {name: app, key: token}}}]
#     bad: |
#       apiVersion: v1
#       kind: Secret
#       metadata: {name: app}
#       stringData: {token: changeme}
package kubevet.secrets.placeholder

import data.kubevet.lib.configuration
import data.kubevet.lib.credentials
import data.kubevet.lib.secret
import rego.v1

deny contains {"msg": msg, "path": entry.path} if {
	some entry in secret.entries
	flaw := flaws(entry.text)
	msg := sprintf("the Secret's value of %q is %s", [entry.key, flaw])
}

deny contains {"msg": msg, "path": variable.path} if {
	some variable in configuration.variables
	credentials.named(variable.name)
	flaw := flaws(variable.value)
	msg := sprintf("%s is a credential, but its value is %s", [variable.label, flaw])
}

deny contains {"msg": msg, "path": entry.path} if {
	some entry in configuration.config_values
	credentials.named(entry.name)
	flaw := flaws(entry.value)
	not unset_option(entry.name, flaw)
	msg := sprintf("%s is a credential, but its value is %s", [entry.label, flaw])
}

# An empty key of a program's own options is how such options are left unset; an empty variable is one that is set.
unset_option(name, flaw) if {
	flaw == "empty"
	not regex.match(`^[A-Z][A-Z0-9_]*$`, name)
}

flaws(text) := "empty" if trim_space(text) == ""

flaws(text) := "a placeholder" if credentials.placeholder(text)

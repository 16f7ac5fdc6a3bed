# METADATA
# title: No credential is written into an environment variable
# description: >-
#   A literal value of a variable such as DB_PASSWORD is in Git, in the rendered manifests, in every `kubectl get -o yaml`,
#   and in the hands of everyone who may read Deployments, which is many more people than may read Secrets. A variable
#   counts by its name, or if its text sets a credential (`jdbc:…?password=x`, `-Ddb.password=x`, JSON); values that are
#   empty, switches, paths or references ($(VAR), ${VAR}, {{ template }}) do not.
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, PodTemplate, Job, CronJob]
#   needs: [facts.suspect.credential]
#   help: Take the value from a Secret with valueFrom.secretKeyRef, or mount the Secret as a file; then rotate the credential.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         containers:
#           - name: app
#             env:
#               - name: DB_PASSWORD
#                 valueFrom: {secretKeyRef: {name: db, key: password}}
#     bad: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         containers:
#           - name: app
#             env:
#               - name: DB_PASSWORD
#                 value: hunter2
package kubevet.secrets.env_literal

import data.kubevet.lib.configuration
import data.kubevet.lib.credentials
import rego.v1

deny contains {"msg": msg, "path": variable.path} if {
	some variable in configuration.variables
	credentials.given(variable.name, variable.value)
	msg := sprintf("%s is a credential written in plain text", [variable.label])
}

# A connection string, the options of a program, or a file in one line.
deny contains {"msg": msg, "path": variable.path} if {
	some variable in configuration.variables
	not credentials.named(variable.name)
	some name in credentials.set_in_text(variable.value)
	msg := sprintf("%s sets the credential %s in plain text", [variable.label, name])
}

# METADATA
# title: No Pod runs as the default ServiceAccount
# description: >-
#   All Pods of a namespace that name no ServiceAccount share the one called default. A role that somebody gives to it
#   for one of them is a role for all, today's and tomorrow's.
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, PodTemplate, Job, CronJob]
#   needs: [facts.suspect.serviceAccount]
#   fix: true
#   help: >-
#     Make a ServiceAccount for the workload and name it in serviceAccountName.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         serviceAccountName: app
#     bad: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         containers: [{name: app}]
package kubevet.service_accounts.own

import data.kubevet.lib.fix
import data.kubevet.lib.overlay
import data.kubevet.lib.workload
import rego.v1

deny contains {"msg": msg, "path": path, "fix": fixes(path)} if {
	name := object.get(workload.spec, "serviceAccountName", object.get(workload.spec, "serviceAccount", "default"))
	name in {"default", "", null}
	path := array.concat(workload.spec_path, ["serviceAccountName"])
	msg := "the Pod runs as the namespace's default ServiceAccount"
}

# One that nobody else uses and that has no rights, as nothing here gives any to the default one. Where it is there
# already it only has to be named.
fixes(path) := [
	fix.suggestion("run as a ServiceAccount of its own", array.concat(named, [{"create": account}])),
	fix.suggestion("run as the ServiceAccount of its name", named),
] if {
	overlay.name(input) != ""
	named := array.concat([{"set": path, "value": input.metadata.name}], older)
	account := {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": overlay.beside(input), "automountServiceAccountToken": false}
} else := []

older := [{"remove": array.concat(workload.spec_path, ["serviceAccount"])}] if {
	is_string(workload.spec.serviceAccount)
} else := []

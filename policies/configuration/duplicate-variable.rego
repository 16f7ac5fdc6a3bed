# METADATA
# title: No environment variable is set twice
# description: >-
#   Of two entries of one name the last wins, and `kubectl apply` merges the list by name and may drop either. The API
#   server only warns.
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, PodTemplate, Job, CronJob]
#   needs: [facts.suspect.duplicateVariable]
#   fix: true
#   help: >-
#     Remove one of them.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         containers: [{name: app, env: [{name: MODE, value: a}]}]
#     bad: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         containers: [{name: app, env: [{name: MODE, value: a}, {name: MODE, value: b}]}]
package kubevet.configuration.duplicate_variable

import data.kubevet.lib.fix
import data.kubevet.lib.workload
import rego.v1

deny contains {"msg": msg, "path": array.concat(entry.path, ["env", last, "name"]), "fix": fixes(entry, name, places)} if {
	some entry in workload.containers
	some name, places in places_of(entry.container)
	count(places) > 1
	last := max(places)
	msg := sprintf("env %s of %s is set more than once", [name, entry.label])
}

places_of(container) := {name: places |
	name := container.env[_].name
	is_string(name)
	places := {i | container.env[i].name == name}
}

# The last one counts, but those between may be made of the first.
fixes(entry, name, places) := [fix.safe_where(is_idle(entry.container, name), "remove the first", [{"remove": array.concat(entry.path, ["env", min(places)])}])]

is_idle(container, name) := false if {
	value := container.env[_].value
	contains(value, sprintf("$(%s)", [name]))
} else := true

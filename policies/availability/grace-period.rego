# METADATA
# title: A container has time to stop
# description: >-
#   After terminationGracePeriodSeconds (30 by default) the kubelet kills what is still running, and the preStop hook's
#   time counts. A grace period of 0 kills at once; a preStop sleep that is as long leaves the application no time to
#   finish its requests.
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, PodTemplate, Job, CronJob]
#   needs: [facts.suspect.gracePeriod]
#   fix: true
#   help: >-
#     Raise terminationGracePeriodSeconds above the preStop hook plus the time that the application needs to stop.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         terminationGracePeriodSeconds: 30
#         containers: [{name: app, lifecycle: {preStop: {sleep: {seconds: 5}}}}]
#     bad: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         terminationGracePeriodSeconds: 5
#         containers: [{name: app, lifecycle: {preStop: {sleep: {seconds: 5}}}}]
package kubevet.availability.grace_period

import data.kubevet.lib.fix
import data.kubevet.lib.workload
import rego.v1

grace := workload.spec.terminationGracePeriodSeconds if {
	is_number(workload.spec.terminationGracePeriodSeconds)
} else := 30

deny contains {"msg": msg, "path": path, "fix": fix.safe("give containers the usual time to stop", [{"remove": path}])} if {
	workload.spec.terminationGracePeriodSeconds == 0
	path := array.concat(workload.spec_path, ["terminationGracePeriodSeconds"])
	msg := "containers are killed without a chance to stop (terminationGracePeriodSeconds: 0)"
}

deny contains {"msg": msg, "path": path, "fix": fix.safe("give the containers the usual time beside it", [longer])} if {
	grace > 0
	some entry in workload.containers
	pause := pauses(entry.container)
	pause >= grace
	path := array.concat(entry.path, ["lifecycle", "preStop"])
	longer := {"set": array.concat(workload.spec_path, ["terminationGracePeriodSeconds"]), "value": pause + 30}
	msg := sprintf("%s is killed after %v s, which its preStop hook spends sleeping", [entry.label, grace])
}

pauses(container) := container.lifecycle.preStop.sleep.seconds

pauses(container) := to_number(parts[1]) if {
	words := [word | word := container.lifecycle.preStop.exec.command[_]; is_string(word)]
	some parts in regex.find_all_string_submatch_n(`(?:^|[ /;&])sleep ([0-9]+)$`, concat(" ", words), 1)
}

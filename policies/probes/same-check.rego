# METADATA
# title: Liveness is not the same check as readiness
# description: >-
#   Readiness asks "can it take traffic?" and often depends on a database or another service; liveness asks "is it beyond
#   help?". Where both ask the same endpoint and liveness gives up no later, an outage of the dependency restarts every
#   replica instead of taking it out of rotation. Only Pods that are meant to run on are looked at. Plain TCP checks
#   depend on nothing and pass; so does a liveness probe that is more patient than the readiness probe.
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod]
#   needs: [facts.suspect.sameCheck]
#   fix: true
#   help: >-
#     Let liveness use an endpoint without dependencies (or tcpSocket), or give it a longer failureThreshold ×
#     periodSeconds.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         containers: [{name: app, livenessProbe: {tcpSocket: {port: 80}}, readinessProbe: {httpGet: {path: /health, port: 80}}}]
#     bad: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         containers: [{name: app, livenessProbe: {httpGet: {path: /health, port: 80}}, readinessProbe: {httpGet: {path: /health, port: 80}}}]
package kubevet.probes.same_check

import data.kubevet.lib.fix
import data.kubevet.lib.probe
import data.kubevet.lib.workload
import rego.v1

deny contains {"msg": msg, "path": path, "fix": wait} if {
	some entry in workload.serving_containers
	some handler in ["exec", "grpc", "httpGet"]
	liveness := entry.container.livenessProbe
	readiness := entry.container.readinessProbe
	liveness[handler] != null
	liveness[handler] == readiness[handler]
	probe.patience(liveness) <= probe.patience(readiness)
	path := array.concat(entry.path, ["livenessProbe", handler])
	failures := floor(probe.patience(readiness) / probe.setting(liveness, "periodSeconds")) + 1
	edit := {"set": array.concat(entry.path, ["livenessProbe", "failureThreshold"]), "value": failures}
	wait := fix.safe("restart it only after it was not ready for a while", [edit])
	msg := sprintf("%s is restarted as soon as it is not ready: its livenessProbe is the same check as its readinessProbe", [entry.label])
}

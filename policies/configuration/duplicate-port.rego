# METADATA
# title: No port of a container is declared twice
# description: >-
#   Of two entries with one number and protocol a strategic merge patch, as `kubectl apply` and Kustomize make them, keeps
#   one: the list is merged by the number alone, and a Service that asks for the lost name has no endpoints. The API server
#   only warns.
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, PodTemplate, Job, CronJob]
#   needs: [facts.suspect.duplicatePort]
#   fix: true
#   help: >-
#     Keep one of them, and let whatever asks for the other name ask for this one or for the number.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         containers: [{name: app, ports: [{name: dns, containerPort: 53}, {name: dns-udp, containerPort: 53, protocol: UDP}]}]
#     bad: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         containers: [{name: app, ports: [{name: http, containerPort: 80}, {name: web, containerPort: 80}]}]
package kubevet.configuration.duplicate_port

import data.kubevet.lib.fix
import data.kubevet.lib.workload
import rego.v1

deny contains {"msg": msg, "path": path, "fix": fix.suggestion("declare it once", [{"remove": path}])} if {
	some entry in workload.containers
	some key, places in places_of(entry.container)
	count(places) > 1
	last := max(places)
	path := array.concat(entry.path, ["ports", last])
	msg := sprintf("port %s of %s is declared more than once", [key, entry.label])
}

places_of(container) := {key: places |
	key := key_of(container.ports[_])
	places := {i | key_of(container.ports[i]) == key}
}

key_of(port) := sprintf("%v/%v", [port.containerPort, object.get(port, "protocol", "TCP")])

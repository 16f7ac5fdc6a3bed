# METADATA
# title: It is known which workloads restart
# description: >-
#   A change of a Pod template replaces the Pods: one after the other, or all at once where the strategy is Recreate, and then
#   nothing answers until the new ones are ready; so it is where all may be missing, and where a StatefulSet has one. A workload that is
#   paused, updates on delete, or holds its partition has other Pods than its manifest says until somebody acts. Where no Pod may be
#   missing, new ones may wait for what the old ones hold: a volume, a port of the node, room in a quota.
# custom:
#   scope: change
#   level: warn
#   needs: [facts.change]
#   help: >-
#     Nothing has to be done where a restart is meant. Otherwise find the field that changes the template below.
#   examples:
#     good: |
#       # file: old.yaml
#       apiVersion: apps/v1
#       kind: DaemonSet
#       metadata: {name: log, labels: {team: a}}
#       spec:
#         selector: {matchLabels: {app: log}}
#         template:
#           metadata: {labels: {app: log}}
#           spec: {containers: [{name: log, image: registry.example/log:1}]}
#       # file: new.yaml
#       apiVersion: apps/v1
#       kind: DaemonSet
#       metadata: {name: log, labels: {team: b}}
#       spec:
#         selector: {matchLabels: {app: log}}
#         template:
#           metadata: {labels: {app: log}}
#           spec: {containers: [{name: log, image: registry.example/log:1}]}
#     bad: |
#       # file: old.yaml
#       apiVersion: apps/v1
#       kind: DaemonSet
#       metadata: {name: log}
#       spec:
#         selector: {matchLabels: {app: log}}
#         template:
#           metadata: {labels: {app: log}}
#           spec: {containers: [{name: log, image: registry.example/log:1}]}
#       # file: new.yaml
#       apiVersion: apps/v1
#       kind: DaemonSet
#       metadata: {name: log}
#       spec:
#         selector: {matchLabels: {app: log}}
#         template:
#           metadata: {labels: {app: log}}
#           spec: {containers: [{name: log, image: registry.example/log:2}]}
package kubevet.change.restart

import rego.v1

words := {
	"rolling": "its Pods are replaced, one after the other",
	"at-once": "its Pods are replaced all at once: nothing answers until the new ones are ready",
	"later": "its Pods stay as they are until somebody deletes them, resumes it or lowers its partition",
}

deny contains {"msg": msg, "object": change.object, "path": path, "related": hashed(change)} if {
	some change in input.facts.change.objects
	count(change.refused) == 0
	msg := words[change.restart]
	paths := [field.path | some field in change.fields; array.slice(field.path, 0, 2) == ["spec", "template"]]
	path := paths[0]
}

# What changed in the ConfigMaps and Secrets whose names are others now.
hashed(change) := [place |
	some hashed_object in object.get(change, "hashes", [])
	some cause in input.facts.change.objects
	cause.object == hashed_object
	field := cause.fields[0]
	place := {"object": hashed_object, "path": field.path, "note": "changed here"}
]

deny contains {"msg": msg, "object": wait.object, "path": wait.path} if {
	some wait in input.facts.change.waits
	msg := sprintf(ends[wait.forever], [wait.text])
}

ends := {
	true: "its rollout comes to no end: new Pods wait %s, and no old one goes before",
	false: "its rollout may stand still: new Pods wait %s",
}

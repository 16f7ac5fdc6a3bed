# METADATA
# title: The pull policy gets the image that the manifest names
# description: >-
#   Two policies give a Pod something else than what its manifest says. With `Never` it starts only on nodes where
#   somebody has put the image before. With `IfNotPresent` and an image without a fixed tag each node keeps the version
#   that it happened to pull first. Other combinations are fine, so nothing is asked of them.
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, PodTemplate, Job, CronJob]
#   keys: [imagePullPolicy, pullPolicy]
#   needs: [facts.suspect.pullPolicy]
#   fix: true
#   help: >-
#     Remove imagePullPolicy (the default suits the tag), or give the image a fixed tag.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         containers: [{name: app, image: "redis:7.4.11", imagePullPolicy: IfNotPresent}]
#     bad: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         containers: [{name: app, image: "redis:7.4.11", imagePullPolicy: Never}]
package kubevet.images.pull_policy

import data.kubevet.lib.fix
import data.kubevet.lib.image
import rego.v1

keys := ["imagePullPolicy", "pullPolicy"]

deny contains {"msg": msg, "path": path, "fix": fix.suggestion("pull it where it is missing", [{"set": path, "value": "IfNotPresent"}])} if {
	some found in image.known_references
	some key in keys
	found.holder[key] == "Never"
	path := array.concat(found.holder_path, [key])
	msg := sprintf("%s starts only on nodes that have the image already (imagePullPolicy: Never)", [found.label])
}

deny contains {"msg": msg, "path": path, "fix": fix.suggestion("ask for it at each start", [{"set": path, "value": "Always"}])} if {
	some found in image.known_references
	some key in keys
	found.holder[key] == "IfNotPresent"
	path := array.concat(found.holder_path, [key])
	image.moving(found.text)
	msg := sprintf("%s runs whatever version of %s each node pulled first (imagePullPolicy: IfNotPresent)", [found.label, found.text])
}

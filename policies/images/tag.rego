# METADATA
# title: Every image has a tag, and not "latest"
# description: >-
#   Without a tag, or with "latest", what runs is whatever the registry served when the node last pulled: two Pods of one
#   Deployment can run different code, a rollback brings nothing back, and nobody can say what ran last week. A digest is
#   as good as a tag.
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, PodTemplate, Job, CronJob, Cluster, Kafka, KafkaBridge, KafkaConnect, KafkaMirrorMaker2, Prometheus, PrometheusAgent, Alertmanager, ThanosRuler]
#   needs: [facts.suspect.movingImage]
#   fix: true
#   help: >-
#     Name a version, in the base or with `images:` in the kustomization.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         containers: [{name: app, image: "redis:7.4.11"}]
#     bad: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         containers: [{name: app, image: redis}]
package kubevet.images.tag

import data.kubevet.lib.fix
import data.kubevet.lib.image
import rego.v1

deny contains {"msg": msg, "path": found.path, "fix": version} if {
	some found in image.known_references
	found.text != ""
	image.moving(found.text)
	text := sprintf("%s:%s", [trim_suffix(found.text, ":latest"), fix.choice("a version")])
	version := fix.suggestion("name a version", [{"set": found.path, "value": text}])
	msg := sprintf("image %s of %s has %s", [found.text, found.label, flaw(found.text)])
}

flaw(text) := "no tag" if {
	not image.tag(text)
} else := `the tag "latest"`

# METADATA
# title: Every image is pinned by digest
# description: >-
#   A tag can be moved to another image, by its maintainers or by whoever takes over their registry account. A digest
#   cannot: it is the hash of what runs. Keep the tag beside it for people to read.
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, PodTemplate, Job, CronJob, Cluster, Kafka, KafkaBridge, KafkaConnect, KafkaMirrorMaker2, Prometheus, PrometheusAgent, Alertmanager, ThanosRuler]
#   needs: [facts.suspect.image]
#   fix: true
#   help: >-
#     Write NAME:TAG@sha256:DIGEST, or set `digest` with `images:` in the kustomization (`kustomize edit set image
#     NAME@sha256:…`).
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         containers: [{name: app, image: "redis:7.4.11@sha256:ff02b58f971e7d7d156a1267e283fcbbeee91773b6aa36c49dac28ecfe28eadf"}]
#     bad: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         containers: [{name: app, image: "redis:7.4.11"}]
package kubevet.images.digest

import data.kubevet.lib.fix
import data.kubevet.lib.image
import rego.v1

deny contains {"msg": msg, "path": found.path, "fix": fixes(found)} if {
	some found in image.known_references
	found.text != ""
	not contains(found.text, "@")
	msg := sprintf("image %s of %s is not pinned by digest", [found.text, found.label])
}

# A registry may have given what runs now another build under the same tag.
fixes(found) := array.concat(
	[fix.suggestion("pin it to the digest that it has elsewhere", [{"set": found.path, "value": pinned}]) |
		pinned := sprintf("%s@%s", [found.text, input.facts.pinned[found.text]])
	],
	[fix.suggestion("pin it to a digest", [{"set": found.path, "value": sprintf("%s@%s", [found.text, fix.choice("its digest, sha256:…")])}])],
)

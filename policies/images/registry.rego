# METADATA
# title: Images come from trusted registries
# description: >-
#   Whoever controls a registry or an account on it decides what runs in the cluster. The table's parameter
#   `trustedRegistries` lists beginnings of full image names (docker.io/library, ghcr.io/team), which end where a part of
#   the name ends: registry.example does not stand for registry.example.net. Without the parameter this rule says nothing.
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, PodTemplate, Job, CronJob, Cluster, Kafka, KafkaBridge, KafkaConnect, KafkaMirrorMaker2, Prometheus, PrometheusAgent, Alertmanager, ThanosRuler]
#   needs: [environment.parameters.trustedRegistries]
#   parameters:
#     trustedRegistries:
#       type: list
#       of: string
#       description: Beginnings of full image names that may run; nothing is asked for without it.
#   help: >-
#     Use an image from a trusted registry, mirror it there, or add the prefix to trustedRegistries in environments.yaml.
#   examples:
#     parameters: {trustedRegistries: [docker.io/library/]}
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
#         containers: [{name: app, image: "registry.example.net/redis:7.4.11"}]
package kubevet.images.registry

import data.kubevet.lib.image
import data.kubevet.lib.parameters
import rego.v1

deny contains {"msg": msg, "path": found.path} if {
	trusted := parameters.value("trustedRegistries", [])
	count(trusted) > 0
	some found in image.references
	name := image.name(found.text)
	not image.open(name)
	not from(name, trusted)
	msg := sprintf("image %s of %s is from no trusted registry", [name, found.label])
}

from(name, prefixes) if {
	some prefix in prefixes
	startswith(sprintf("%s/", [name]), sprintf("%s/", [trim_right(prefix, "/")]))
}

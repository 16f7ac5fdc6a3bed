# METADATA
# title: Kafka settings have the names that the image reads
# description: >-
#   The image apache/kafka reads KAFKA_LISTENERS and the like. KAFKA_CFG_… is what Bitnami's image reads: here it is
#   ignored, and Kafka starts with other listeners, log directories or replication than the manifest says.
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, PodTemplate, Job, CronJob]
#   texts: [KAFKA_CFG_]
#   help: >-
#     Write KAFKA_X instead of KAFKA_CFG_X.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         containers: [{name: kafka, image: "apache/kafka:4.3.1", env: [{name: KAFKA_LOG_DIRS, value: /data}]}]
#     bad: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         containers: [{name: kafka, image: "apache/kafka:4.3.1", env: [{name: KAFKA_CFG_LOG_DIRS, value: /data}]}]
package kubevet.configuration.kafka_variables

import data.kubevet.lib.image
import data.kubevet.lib.workload
import rego.v1

# A command of its own may read what it likes.
deny contains {"msg": msg, "path": array.concat(entry.path, ["env", i, "name"])} if {
	some entry in workload.containers
	is_string(entry.container.image)
	image.name(entry.container.image) in {"docker.io/apache/kafka", "docker.io/apache/kafka-native"}
	not entry.container.command[0]
	variable := entry.container.env[i].name
	startswith(variable, "KAFKA_CFG_")
	msg := sprintf("image apache/kafka does not read %s of %s", [variable, entry.label])
}

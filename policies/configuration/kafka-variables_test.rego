package kubevet.configuration.kafka_variables_test

import data.kubevet.configuration.kafka_variables
import rego.v1

pod(spec) := {"apiVersion": "v1", "kind": "Pod", "spec": spec}

container(settings) := pod({"containers": [object.union({"name": "app"}, settings)]})

kafka(settings) := container(object.union({"image": "apache/kafka:4.3.1", "env": [{"name": "KAFKA_CFG_LOG_DIRS", "value": "/data"}]}, settings))

test_fail if {
	kafka_variables.deny == {{
		"msg": `image apache/kafka does not read KAFKA_CFG_LOG_DIRS of container "app"`,
		"path": ["spec", "containers", 0, "env", 0, "name"],
	}} with input as kafka({})
}

test_pass if {
	count(kafka_variables.deny) == 0 with input as kafka({"image": "bitnami/kafka:3"})
	count(kafka_variables.deny) == 0 with input as kafka({"command": ["/start.sh"]})
	count(kafka_variables.deny) == 0 with input as kafka({"env": [{"name": "KAFKA_LOG_DIRS"}]})
}

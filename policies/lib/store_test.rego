package kubevet.lib.store_test

import data.kubevet.lib.store
import rego.v1

config_map(name, texts) := {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": "shop"}, "data": texts}

pod(container, spec) := {
	"apiVersion": "v1",
	"kind": "Pod",
	"metadata": {"name": "p", "namespace": "shop"},
	"spec": object.union({"containers": [object.union({"name": "c"}, container)]}, spec),
}

overlay(container, spec, others) := {"objects": array.concat([pod(container, spec)], others)}

# What the ways in have, as one sorted list.
has(door) := sort([what | some what in door.has])

found := [has(door) | some door in store.doors]

redis(args) := overlay({"image": "redis:7.4", "args": args}, {}, [])

test_redis_arguments if {
	found == [[]] with input as redis(["redis-server"])
	found == [[]] with input as redis([])
	found == [[]] with input as overlay({"image": "mirror.example.com/library/redis@sha256:1"}, {}, [])
	found == [["authentication"]] with input as redis(["redis-server", "--requirepass", "$(PASSWORD)"])
	found == [["authentication"]] with input as redis(["sh", "-c", "exec redis-server --requirepass \"$PASSWORD\""])
	found == [["authentication", "encryption"]] with input as redis(["--aclfile", "/data/users.acl", "--port", "0", "--tls-port", "6379"])
}

test_redis_that_is_no_server_or_local if {
	found == [] with input as redis(["redis-cli", "-h", "other", "monitor"])
	found == [] with input as redis(["redis-server", "--bind", "127.0.0.1"])
	found == [] with input as redis(["redis-server", "--port", "0", "--unixsocket", "/run/redis.sock"])
	found == [] with input as overlay({"image": "oliver006/redis_exporter:v1"}, {}, [])
	found == [] with input as overlay({"image": "team/redis:1"}, {}, [])
}

mounted := {"image": "valkey/valkey:8", "args": ["valkey-server", "/etc/redis/redis.conf"], "volumeMounts": [{"name": "config", "mountPath": "/etc/redis/"}]}

volume(source) := {"volumes": [object.union({"name": "config"}, source)]}

test_redis_files if {
	spec := volume({"configMap": {"name": "config"}})
	found == [[]] with input as overlay(mounted, spec, [config_map("config", {"redis.conf": "# requirepass no\nappendonly yes\n"})])
	found == [["authentication"]] with input as overlay(mounted, spec, [config_map("config", {"redis.conf": "requirepass x\n"})])
	found == [[]] with input as overlay(mounted, spec, [config_map("config", {"redis.conf": "include /etc/redis/extra-*.conf\n"})])
}

test_redis_files_elsewhere if {
	found == [] with input as overlay(mounted, volume({"configMap": {"name": "other"}}), [config_map("config", {})])
	found == [] with input as overlay(mounted, volume({"secret": {"secretName": "config"}}), [])
	found == [] with input as overlay(mounted, volume({"emptyDir": {}}), [])
	include := [config_map("config", {"redis.conf": "include /run/made/by-init.conf\n"})]
	found == [] with input as overlay(mounted, volume({"configMap": {"name": "config"}}), include)
}

test_certificates_hide_nothing if {
	container := {"image": "redis:7", "volumeMounts": [{"name": "tls", "mountPath": "/tls"}]}
	found == [[]] with input as overlay(container, {"volumes": [{"name": "tls", "secret": {"secretName": "redis"}}]}, [])
}

qdrant(settings) := overlay(object.union({"image": "qdrant/qdrant:v1"}, settings), {}, [config_map("config", {"QDRANT__SERVICE__ENABLE_TLS": "true"})])

test_qdrant if {
	key := {"name": "QDRANT__SERVICE__API_KEY", "valueFrom": {"secretKeyRef": {"name": "q", "key": "k"}}}
	found == [[]] with input as qdrant({})
	found == [["authentication"]] with input as qdrant({"env": [key]})
	found == [["encryption"]] with input as qdrant({"envFrom": [{"configMapRef": {"name": "config"}}]})
	found == [] with input as qdrant({"envFrom": [{"configMapRef": {"name": "unknown"}}]})
	found == [] with input as qdrant({"envFrom": [{"secretRef": {"name": "q"}}]})
	file := {"image": "qdrant/qdrant:v1", "volumeMounts": [{"name": "config", "mountPath": "/qdrant/config"}]}
	text := "service:\n  api_key: x\n  enable_tls: true\n"
	spec := volume({"configMap": {"name": "config"}})
	found == [["authentication", "encryption"]] with input as overlay(file, spec, [config_map("config", {"production.yaml": text})])
}

test_postgres if {
	found == [["authentication"]] with input as overlay({"image": "postgres:17"}, {}, [])
	found == [["authentication", "encryption"]] with input as overlay({"image": "docker.io/library/postgres:17", "args": ["-c", "ssl=on"]}, {}, [])
	found == [["authentication"]] with input as overlay({"image": "postgres:17", "args": ["-c", "ssl=off"]}, {}, [])
}

kafka(variables) := overlay({"image": "apache/kafka:4", "envFrom": [{"configMapRef": {"name": "kafka"}}]}, {}, [config_map("kafka", variables)])

test_kafka if {
	found == [[]] with input as kafka({})
	found == [["authentication", "encryption"]] with input as kafka({
		"KAFKA_LISTENERS": "OUT://:9094,CONTROLLER://:9093,LOCAL://localhost:9095",
		"KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
		"KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "OUT:SASL_SSL,CONTROLLER:PLAINTEXT,LOCAL:PLAINTEXT",
	})
	found == [["encryption"]] with input as kafka({"KAFKA_LISTENERS": "SSL://:9093"})
	found == [["authentication", "encryption"]] with input as kafka({"KAFKA_LISTENERS": "SSL://:9093", "KAFKA_SSL_CLIENT_AUTH": "required"})
	found == [["authentication"]] with input as kafka({"KAFKA_LISTENERS": "SASL_PLAINTEXT://0.0.0.0:9093"})
}

test_deployments_and_nothing if {
	deployment := {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "spec": {"template": {"spec": {"containers": [{"image": "redis"}]}}}}
	[door.path | some door in store.doors] == [["spec", "template", "spec", "containers", 0]] with input as {"objects": [deployment]}
	found == [] with input as {"objects": [{"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"template": {"spec": {"containers": null}}}}]}
}

# METADATA
# title: Data stores and brokers
# description: >-
#   The ways into the Redis, Valkey, Qdrant, PostgreSQL and Kafka of an overlay, and whether each asks who is there and
#   encrypts what passes. Known are Strimzi's listeners, and the stores' own images with what they read from arguments,
#   variables and ConfigMaps. A store whose settings may lie elsewhere (in a Secret, in a file that an init container
#   writes) is left out, and so is one that listens on the loopback interface alone.
package kubevet.lib.store

import data.kubevet.lib.overlay
import data.kubevet.lib.pods
import rego.v1

# One entry for each way in: its object, its path there, a label for messages, and which of "authentication" and
# "encryption" it has.
doors := array.concat(strimzi_listeners, container_listeners)

strimzi_listeners := [door |
	some kafka in overlay.of_kind("kafka.strimzi.io", "Kafka")
	listener := kafka.spec.kafka.listeners[i]
	door := {
		"object": overlay.identity(kafka),
		"path": ["spec", "kafka", "listeners", i],
		"label": sprintf("Kafka listener %q", [object.get(listener, "name", "")]),
		"has": {"encryption" | listener.tls == true} | {"authentication" | is_string(listener.authentication.type)},
	}
]

container_listeners := [door |
	some entry in store_containers
	not entry.settings.hidden
	some listener in listeners(entry.store, entry.settings)
	door := {
		"object": overlay.identity(entry.object),
		"path": entry.path,
		"label": sprintf("%s in container %q", [listener.label, object.get(entry.container, "name", "")]),
		"has": listener.has,
	}
]

# --- Containers of stores, and what their programs are told ---

# The images by the end of their names, which mirrors keep.
images := {
	"apache/kafka": "kafka",
	"apache/kafka-native": "kafka",
	"library/postgres": "postgres",
	"library/redis": "redis",
	"qdrant/qdrant": "qdrant",
	"redis/redis-stack-server": "redis",
	"valkey/valkey": "redis",
}

# "mirror.example.com/library/redis:7" and "redis:7" -> "redis". One expression settles nearly every other image.
store_of(image) := images[concat("/", array.slice(segments, count(segments) - 2, count(segments)))] if {
	regex.match(`(^|/)(kafka|kafka-native|postgres|qdrant|redis|redis-stack-server|valkey)([:@]|$)`, image)
	segments := array.concat(["library"], split(regex.replace(image, `[:@][^/]*$`, ""), "/"))
}

store_containers := [entry |
	some found in pods.all
	owner := found.object
	owner.kind in {"DaemonSet", "Deployment", "Pod", "ReplicaSet", "ReplicationController", "StatefulSet"}
	spec := found.pod.spec
	container := spec.containers[i]
	is_string(container.image)
	store := store_of(container.image)
	entry := {
		"object": owner,
		"container": container,
		"path": array.concat(found.path, ["spec", "containers", i]),
		"store": store,
		"settings": settings(owner, spec, container),
	}
]

# `arguments`: command and arguments, one a line. `files`: the texts of mounted ConfigMaps by path. `variables`: name ->
# value, null where the value is elsewhere. `hidden`: something that may hold settings is not among them.
settings(owner, spec, container) := {
	"arguments": concat("\n", [word | some field in ["command", "args"]; word := container[field][_]; is_string(word)]),
	"files": files,
	"variables": object.union(envfrom_variables(owner, container), env_variables(container)),
	"hidden": hidden(owner, spec, container),
} if {
	files := {path: text |
		some mounted in mounts(spec, container)
		text := config_maps[config_map_key(owner, mounted.volume.configMap.name)][name]
		is_string(text)
		path := concat("/", [mounted.path, name])
	}
}

mounts(spec, container) := [mounted |
	mount := container.volumeMounts[_]
	volume := spec.volumes[_]
	volume.name == mount.name
	is_string(mount.mountPath)
	mounted := {"volume": volume, "path": trim_right(mount.mountPath, "/")}
]

env_variables(container) := {variable.name: object.get(variable, "value", null) |
	variable := container.env[_]
	is_string(variable.name)
}

envfrom_variables(owner, container) := object.union_n([texts |
	texts := config_maps[config_map_key(owner, container.envFrom[_].configMapRef.name)]
])

hidden(owner, spec, container) if {
	container.envFrom[_].secretRef
} else if {
	name := container.envFrom[_].configMapRef.name
	not config_maps[config_map_key(owner, name)]
} else if {
	some mounted in mounts(spec, container)
	hides_settings(owner, mounted)
} else := false

# Certificates are mounted from Secrets too; their volumes are known by their names.
hides_settings(_, mounted) if {
	some source in ["csi", "projected", "secret"]
	mounted.volume[source]
	not regex.match(`tls|ssl|cert|(^|[^a-z])ca([^a-z]|$)`, lower(concat(" ", [mounted.volume.name, mounted.path])))
}

hides_settings(owner, mounted) if {
	name := mounted.volume.configMap.name
	not config_maps[config_map_key(owner, name)]
}

config_map_key(owner, name) := overlay.key(overlay.namespace(owner), [name])

# Namespace and name -> texts.
config_maps[key] := texts if {
	some entry in overlay.of_kind("", "ConfigMap")
	texts := object.get(entry, "data", {})
	is_object(texts)
	key := config_map_key(entry, overlay.name(entry))
}

file_text(settings) := concat("\n", [content | some content in settings.files])

everything(settings) := concat("\n", [settings.arguments, file_text(settings)])

# --- Redis and Valkey: redis.conf, and the same names as options ---

listeners("redis", settings) := [{"label": "Redis", "has": has}] if {
	starts_redis(settings.arguments)
	not redis_file_is_elsewhere(settings)
	text := redis_text(settings)
	not redis_is_local(text)
	has := {"authentication" | regex.match(`(?m)^(requirepass|aclfile|user)[ \t]`, text)} | {"encryption" | not redis_has_plain_port(text)}
}

# The images' entrypoint starts the server for no arguments, and where the first is an option or a file.
starts_redis(arguments) if arguments == ""

starts_redis(arguments) if regex.match(`(redis|valkey)-server`, arguments)

starts_redis(arguments) if regex.match(`^(-|[^\n]*\.conf(\n|$))`, arguments)

# Options in the form of the file, then the files: "--port 0" is "port 0".
redis_text(settings) := concat("\n", [options, file_text(settings)]) if {
	options := replace(regex.replace(concat("", ["\n", settings.arguments]), `[\n=]`, " "), " --", "\n")
}

redis_file_is_elsewhere(settings) if {
	text := everything(settings)
	some found in regex.find_all_string_submatch_n(`(?m)(?:^|[ \t])(/[^ \t\n"']+)/[^ \t\n"'/]+\.conf`, text, -1)
	not regex.match(`(?m)^#`, found[0])
	not holds_files(settings.files, found[1])
}

holds_files(files, directory) if {
	some path, _ in files
	startswith(path, concat("", [directory, "/"]))
}

redis_is_local(text) if regex.match(`(?m)^bind[ \t]+((127\.0\.0\.1|localhost|-?::1)[ \t]*)+$`, text)

redis_is_local(text) if {
	not redis_has_plain_port(text)
	not regex.match(`(?m)^tls-port[ \t]+[1-9]`, text)
}

# Port 6379 is open unless something says otherwise.
redis_has_plain_port(text) if not regex.match(`(?m)^port[ \t]+0[ \t]*$`, text)

# --- Qdrant: https://qdrant.tech/documentation/guides/security/ ---

listeners("qdrant", settings) := [{"label": "Qdrant", "has": has}] if {
	text := file_text(settings)
	has := {"authentication" | qdrant_has_key(settings.variables, text)} | {"encryption" | qdrant_has_tls(settings.variables, text)}
}

qdrant_has_key(variables, _) if "QDRANT__SERVICE__API_KEY" in object.keys(variables)

qdrant_has_key(_, text) if regex.match(`(?m)^[ \t]*api_key[ \t]*:`, text)

qdrant_has_tls(variables, _) if lower(variables.QDRANT__SERVICE__ENABLE_TLS) in {"1", "true"}

qdrant_has_tls(_, text) if regex.match(`(?m)^[ \t]*enable_tls[ \t]*:[ \t]*true`, text)

# --- PostgreSQL: passwords are the default of its image, encryption is not ---

listeners("postgres", settings) := [{"label": "PostgreSQL", "has": {"authentication"} | {"encryption" | postgres_has_tls(settings)}}]

postgres_has_tls(settings) if {
	text := everything(settings)
	regex.match(`(?m)(^|[ \t-])ssl[ \t]*=[ \t]*'?(on|true|yes|1)`, text)
}

# --- Kafka: one way in for each listener that is not the controllers' ---

listeners("kafka", settings) := [listener |
	some name, protocol in kafka_protocols(settings.variables)
	listener := {
		"label": sprintf("Kafka listener %q", [name]),
		"has": {"encryption" | protocol in {"SASL_SSL", "SSL"}} |
			{"authentication" | startswith(protocol, "SASL_")} |
			{"authentication" | protocol == "SSL"; settings.variables.KAFKA_SSL_CLIENT_AUTH == "required"},
	}
]

# "INTERNAL://:9092,CONTROLLER://localhost:9093" -> {"INTERNAL": "PLAINTEXT"}; a listener has the protocol that it is
# called after unless the map says otherwise. Without listeners Kafka has one, in plain text.
kafka_protocols(variables) := {name: object.get(named, name, name) |
	text := object.get(variables, "KAFKA_LISTENERS", "PLAINTEXT://:9092")
	is_string(text)
	some parts in regex.find_all_string_submatch_n(`([^:,/ ]+)://([^:,]*|\[[^\]]*\]):`, text, -1)
	name := parts[1]
	not parts[2] in {"127.0.0.1", "localhost", "[::1]"}
	not name in split(kafka_text(variables, "KAFKA_CONTROLLER_LISTENER_NAMES"), ",")
} if {
	named := {pair[1]: pair[2] |
		map := kafka_text(variables, "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP")
		some pair in regex.find_all_string_submatch_n(`([^:, ]+):([A-Z_]+)`, map, -1)
	}
}

kafka_text(variables, name) := value if {
	value := variables[name]
	is_string(value)
} else := ""

# METADATA
# title: Where configuration is written down
# description: >-
#   Lists the texts of an object that people put configuration into, each with its path and a label for messages:
#   environment variables, commands and arguments, ConfigMap values and annotations.
package kubevet.lib.configuration

import data.kubevet.lib.workload
import rego.v1

# Environment variables with a literal value: name, value, path of the value, label.
variables := [variable |
	some entry in workload.containers
	env := entry.container.env[i]
	is_string(env.value)
	is_string(env.name)
	variable := {
		"name": env.name,
		"value": env.value,
		"path": array.concat(entry.path, ["env", i, "value"]),
		"label": sprintf("env %s of %s", [env.name, entry.label]),
	}
]

# One entry for each string of `command` and `args`, and of the commands of probes and hooks; `next` is the string after
# it, for flags whose value stands apart.
arguments := [argument |
	some line in command_lines
	value := line.words[i]
	is_string(value)
	argument := {
		"value": value,
		"next": following(line.words, i),
		"path": array.concat(line.path, [i]),
		"label": line.label,
	}
]

command_lines := array.concat(own_lines, lines_of_handlers)

own_lines := [line |
	some entry in workload.containers
	some field in ["command", "args"]
	words := entry.container[field]
	line := {"words": words, "path": array.concat(entry.path, [field]), "label": sprintf("%s of %s", [field, entry.label])}
]

lines_of_handlers := [line |
	some handler in handlers
	words := handler.node.exec.command
	line := {"words": words, "path": array.concat(handler.path, ["exec", "command"]), "label": handler.label}
]

# Probes and hooks.
handlers := [handler |
	some entry in workload.containers
	some field in handler_fields
	node := object.get(entry.container, field, null)
	node != null
	handler := {
		"node": node,
		"path": array.concat(entry.path, field),
		"label": sprintf("%s of %s", [concat(".", field), entry.label]),
	}
]

handler_fields := [
	["livenessProbe"], ["readinessProbe"], ["startupProbe"],
	["lifecycle", "postStart"], ["lifecycle", "preStop"],
]

# Headers that probes and hooks send, as they stand in a request.
headers := [text |
	some handler in handlers
	header := handler.node.httpGet.httpHeaders[i]
	is_string(header.name)
	is_string(header.value)
	text := {
		"name": header.name,
		"value": sprintf("%s: %s", [header.name, header.value]),
		"path": array.concat(handler.path, ["httpGet", "httpHeaders", i, "value"]),
		"label": sprintf("header %s of %s", [header.name, handler.label]),
	}
]

following(list, i) := list[i + 1] if {
	is_string(list[i + 1])
} else := ""

# Values of a ConfigMap, without the comments of files: what these show as an example is set nowhere. What is in Base64
# counts as what it stands for, where that is text.
config_values := [value |
	some entry in config_data
	value := {
		"name": entry.key,
		"value": uncommented(entry.text),
		"raw": entry.text,
		"path": [entry.field, entry.key],
		"label": sprintf("ConfigMap key %q", [entry.key]),
	}
]

config_data contains {"field": "data", "key": key, "text": text} if {
	input.kind == "ConfigMap"
	workload.group == ""
	text := input.data[key]
	is_string(text)
}

config_data contains {"field": "binaryData", "key": key, "text": text} if {
	input.kind == "ConfigMap"
	workload.group == ""
	encoded := input.binaryData[key]
	is_string(encoded)
	base64.is_valid(encoded)
	text := base64.decode(encoded)
	regex.match(`^[\x20-\x7e\r\n\t]*$`, text)
}

# Comments as most formats have them: lines that begin with #, ;, // or "-- ", what follows a # behind a space, and those of XML.
uncommented(text) := regex.replace(regex.replace(text, `(?s)<!--.*?-->`, ""), `(?m)^[ \t]*(#|;|//|-- ).*$|[ \t]# .*$`, "") if {
	contains(text, "\n")
} else := text

# Annotations of the object and of its Pod template.
annotations := [annotation |
	some holder in annotation_holders
	value := holder.annotations[key]
	is_string(value)
	annotation := {
		"name": key,
		"value": value,
		"path": array.concat(holder.path, ["metadata", "annotations", key]),
		"label": sprintf("annotation %s", [key]),
	}
]

annotation_holders contains {"annotations": input.metadata.annotations, "path": []}

annotation_holders contains {"annotations": workload.pod.metadata.annotations, "path": workload.pod_path}

# Every text of a custom resource or a volume, with the name that it has: that of its key, or the `name` beside a `value`.
# An element of a list has none.
resource_texts := [text |
	is_resource
	not workload.pod_path
	walk(object.remove(input, outside), [path, value])
	is_string(value)
	not path[count(path) - 2] in encrypted
	text := {
		"name": name_of(path),
		"value": value,
		"path": path,
		"label": sprintf("field %s", [dotted(path)]),
	}
]

is_resource if {
	contains(workload.group, ".")
	workload.group != "apiextensions.k8s.io"
}

# Drivers of volumes take attributes and options that somebody made up.
is_resource if {
	workload.group == ""
	input.kind == "PersistentVolume"
}

dotted(path) := concat(".", [text | text := sprintf("%v", [path[_]])])

# What is not the resource's own: what kubevet adds, and what the cluster writes.
outside := ["apiVersion", "environment", "facts", "kind", "status"]

# Values below these are encrypted.
encrypted := {"encryptedData", "sops"}

name_of(path) := beside if {
	path[count(path) - 1] == "value"
	beside := object.get(input, array.concat(array.slice(path, 0, count(path) - 1), ["name"]), null)
	is_string(beside)
} else := path[count(path) - 1] if {
	is_string(path[count(path) - 1])
} else := ""

# Everything above, for rules that look at text and not at names.
texts := array.concat(
	array.concat(array.concat(variables, arguments), array.concat(resource_texts, headers)),
	array.concat(config_values, annotations),
)

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

# One entry for each string of `command` and `args`; `next` is the string after it, for flags whose value stands apart.
arguments := [argument |
	some entry in workload.containers
	some field in ["command", "args"]
	value := entry.container[field][i]
	is_string(value)
	argument := {
		"value": value,
		"next": following(entry.container[field], i),
		"path": array.concat(entry.path, [field, i]),
		"label": sprintf("%s of %s", [field, entry.label]),
	}
]

following(list, i) := list[i + 1] if {
	is_string(list[i + 1])
} else := ""

# Values of a ConfigMap.
config_values := [value |
	input.kind == "ConfigMap"
	workload.group == ""
	text := input.data[key]
	is_string(text)
	value := {"name": key, "value": text, "path": ["data", key], "label": sprintf("ConfigMap key %q", [key])}
]

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

# Everything above, for rules that look at text and not at names.
texts := array.concat(
	array.concat(variables, arguments),
	array.concat(config_values, annotations),
)

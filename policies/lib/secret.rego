# METADATA
# title: Values of a Secret
# description: Lists the values of a Secret, decoded, with key and path. For judging only; a message never has a value.
package kubevet.lib.secret

import data.kubevet.lib.workload
import rego.v1

entries := [entry |
	input.kind == "Secret"
	workload.group == ""
	some field in ["data", "stringData"]
	value := input[field][key]
	is_string(value)
	entry := {"key": key, "text": decoded(field, value), "path": [field, key]}
]

decoded("stringData", value) := value

# Binary and broken data stay as they are: they are neither empty nor a placeholder.
decoded("data", value) := base64.decode(value) if {
	base64.is_valid(value)
	printable(value)
} else := value

# True if the Base64 text stands for ASCII only, which both engines decode alike.
printable(value) if regex.match(`^[\x20-\x7e\r\n\t]*$`, base64.decode(value))

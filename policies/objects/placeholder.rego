# METADATA
# title: Nothing is left to choose
# description: >-
#   `kubevet fix` writes `<kubevet: …>` where only a person can choose a value, with what it is for. The text is no value: a
#   number there is refused by the API server, and a name or a key goes into the cluster as it is.
# custom:
#   texts: ["<kubevet: "]
#   help: >-
#     Write the value in place of the text.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec: {containers: [{name: app, resources: {limits: {memory: 128Mi}}}]}
#     bad: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec: {containers: [{name: app, resources: {limits: {memory: "<kubevet: memory, such as 128Mi>"}}}]}
package kubevet.objects.placeholder

import rego.v1

deny contains {"msg": msg, "path": found.path} if {
	some found in texts
	contains(found.text, "<kubevet: ")
	what := regex.find_n(`<kubevet: [^>]*>?`, found.text, 1)[0]
	msg := sprintf("%s is still to be chosen", [trim_suffix(trim_prefix(what, "<kubevet: "), ">")])
}

# All that the object has, without what kubevet adds to it.
texts contains {"text": text, "path": array.concat([field], path)} if {
	some field, part in object.remove(input, ["environment", "facts"])
	walk(part, [path, text])
	is_string(text)
}

# A key stands where its value does.
texts contains {"text": key, "path": array.concat([field], array.concat(path, [key]))} if {
	some field, part in object.remove(input, ["environment", "facts"])
	walk(part, [path, map])
	is_object(map)
	some key, _ in map
}

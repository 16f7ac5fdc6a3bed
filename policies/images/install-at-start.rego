# METADATA
# title: No container installs software when it starts
# description: >-
#   A container that runs apt-get, apk, pip or npm at its start runs code that nobody tested, needs the internet and a
#   writable root file system, starts slowly, and does not start at all when the package index is down.
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, PodTemplate, Job, CronJob]
#   keys: [command, args]
#   texts: [install, apk, curl, wget]
#   help: >-
#     Build an image that has the software.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         containers: [{name: app, image: "app:1", command: [python, -m, app]}]
#     bad: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         containers: [{name: app, image: "python:3.13", command: [sh, -c, pip install app && python -m app]}]
package kubevet.images.install_at_start

import data.kubevet.lib.configuration
import data.kubevet.lib.workload
import rego.v1

installers := concat("", [
	`(^|[ \t\n;&|(])(apt-get|apt|yum|dnf|microdnf)[ \t]+([^;&|\n]*[ \t])?install([ \t\n]|$)`,
	`|(^|[ \t\n;&|(])apk[ \t]+([^;&|\n]*[ \t])?add([ \t\n]|$)`,
	`|(^|[ \t\n;&|(/])(pip3?|uv pip|python3? -m pip|npm|gem|cargo|go)[ \t]+([^;&|\n]*[ \t])?install([ \t\n]|$)`,
	`|(curl|wget)[ \t][^;&\n]*[|][ \t]*(sudo[ \t]+)?(ba|da)?sh([ \t\n]|$)`,
])

deny contains {"msg": msg, "path": argument.path} if {
	some argument in configuration.arguments
	regex.match(installers, argument.value)
	msg := sprintf("%s installs software at start", [argument.label])
}

# The same command as a list: [pip, install, app]
deny contains {"msg": msg, "path": array.concat(entry.path, [field])} if {
	some entry in workload.containers
	some field in ["command", "args"]
	line := concat(" ", [word | word := entry.container[field][_]; is_string(word)])
	not is_shell(entry.container[field])
	regex.match(concat("", ["^([^ ]*/)?", list_installers]), line)
	msg := sprintf("%s of %s installs software at start", [field, entry.label])
}

is_shell(words) if words[_] == "-c"

list_installers := `((apt-get|apt|yum|dnf|microdnf|pip3?|npm|gem)( -[^ ]+)* install|apk( -[^ ]+)* add)( |$)`

# METADATA
# title: No credential is passed on a command line
# description: >-
#   What stands in `command` or `args`, or in the command of a probe or hook, is in Git, in everybody's view of the Pod, and
#   in the process list of the node. This finds flags (`--password=x`, `--requirepass x`), variables in front of a command
#   (`PGPASSWORD=x psql`), and what a few programs take under a letter (`redis-cli -a x`).
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, PodTemplate, Job, CronJob]
#   needs: [facts.suspect.argumentCredential]
#   help: >-
#     Take the value from a Secret into an environment variable and write $(NAME) in its place, or let the program read a
#     file; then rotate the credential.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: redis}
#       spec: {containers: [{name: redis, args: [--requirepass, $(REDIS_PASSWORD)]}]}
#     bad: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: redis}
#       spec: {containers: [{name: redis, args: [--requirepass, hunter2]}]}
package kubevet.secrets.command_literal

import data.kubevet.lib.configuration
import data.kubevet.lib.credentials
import rego.v1

# --password=x, or PGPASSWORD=x psql
deny contains {"msg": msg, "path": argument.path} if {
	some argument in suspects
	some parts in regex.find_all_string_submatch_n(assignment, argument.value, -1)
	credentials.sets_credential(parts[1], trim(parts[2], `"'`))
	msg := message(argument, parts[1])
}

# "--password", "x" as two arguments
deny contains {"msg": msg, "path": argument.path} if {
	some argument in suspects
	some parts in regex.find_all_string_submatch_n(`^--?([A-Za-z][A-Za-z0-9_.-]*)$`, argument.value, 1)
	not startswith(argument.next, "-")
	credentials.sets_credential(parts[1], argument.next)
	msg := message(argument, parts[1])
}

# --password x inside of a shell script
deny contains {"msg": msg, "path": argument.path} if {
	some argument in suspects
	some parts in regex.find_all_string_submatch_n(flag, argument.value, -1)
	credentials.sets_credential(parts[1], trim(parts[2], `"'`))
	msg := message(argument, parts[1])
}

# What some programs take under a letter, which by itself says nothing: redis-cli -a x, curl -u admin:x
deny contains {"msg": msg, "path": array.concat(line.path, [0])} if {
	some line in configuration.command_lines
	text := concat(" ", [word | word := line.words[_]; is_string(word)])
	some program, pattern in lettered
	contains(text, program)
	some parts in regex.find_all_string_submatch_n(pattern, text, -1)
	credentials.literal(trim(parts[1], `"'`))
	msg := sprintf("%s gives %s a password in plain text", [line.label, program])
}

# Where the password is, for each program: behind the letter and in the same call.
lettered := {
	"curl": `curl[ \t][^\n;|&]*(?:-u|--user)[ =]?["']?[^ :"'$]+:([^ "'\n]+)`,
	"mysql": `mysql(?:dump|admin)?[ \t](?:[^\n;|&]*[ \t])?-p([^ \t\n]+)`,
	"redis-cli": `redis-cli[ \t](?:[^\n;|&]*[ \t])?-a[ \t]+([^ \t\n]+)`,
	"sshpass": `sshpass[ \t]+-p[ \t]*([^ \t\n]+)`,
}

suspects := [argument |
	some argument in configuration.arguments
	credentials.suspicious(argument.value)
]

assignment := `(?:^|[ \t\r\n;&|("'])-{0,2}([A-Za-z][A-Za-z0-9_.-]*)=("[^"\n]*"|'[^'\n]*'|[^ \t\r\n"';&|)]+)`

flag := `(?:^|[ \t\r\n])--?([A-Za-z][A-Za-z0-9_.-]*)[ \t]+("[^"\n]*"|'[^'\n]*'|[^ \t\r\n"';&|)-][^ \t\r\n"';&|)]*)`

message(argument, name) := sprintf("%s sets the credential %s in plain text", [argument.label, name])

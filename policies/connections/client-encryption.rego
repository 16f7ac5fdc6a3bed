# METADATA
# title: Clients insist on TLS to their database and broker
# description: >-
#   A PostgreSQL client that is told nothing (sslmode=prefer) takes a connection without TLS when it is offered one, and
#   disable and allow ask for that. A Kafka client with PLAINTEXT or SASL_PLAINTEXT sends everything, the password
#   included, in the clear. Environment variables, arguments and ConfigMap values are looked at; servers on the loopback
#   interface and Unix sockets are fine.
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, PodTemplate, Job, CronJob, ConfigMap]
#   needs: [facts.suspect.plainClient]
#   help: >-
#     PostgreSQL: sslmode=verify-full with sslrootcert, or at least require. Kafka: SASL_SSL or SSL.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: ConfigMap
#       metadata: {name: app}
#       data: {DATABASE_URL: "postgresql://app@db:5432/app?sslmode=verify-full&sslrootcert=/etc/db/ca.crt"}
#     bad: |
#       apiVersion: v1
#       kind: ConfigMap
#       metadata: {name: app}
#       data: {DATABASE_URL: "postgresql://app@db:5432/app?sslmode=disable"}
package kubevet.connections.client_encryption

import data.kubevet.lib.configuration
import rego.v1

settings := array.concat(configuration.variables, configuration.config_values)

deny contains {"msg": msg, "path": text.path, "text": min(plain)} if {
	some text in array.concat(settings, configuration.arguments)
	contains(text.value, "://")
	plain := {found[1] |
		some found in regex.find_all_string_submatch_n(concat("", [before(text), url]), text.value, -1)
		accepts_plain(found[1])
	}
	count(plain) > 0
	msg := sprintf("%s names a PostgreSQL server and does not insist on TLS", [text.label])
}

url := `(?:jdbc:)?postgres(?:ql)?(?:\+[a-z0-9]+)?://([^ \t\r\n"'<>|;,]*)`

# A file may speak of URLs; one that it sets stands alone, or behind a name or a quote.
before(text) := `(?:^|[=:"'(,\n][ \t]*)` if {
	text.path[0] == "data"
	contains(text.value, "\n")
} else := ""

deny contains {"msg": msg, "path": setting.path} if {
	some setting in settings
	regex.match(`(^|_)(pg)?_?ssl_?mode$`, lower(setting.name))
	lower(setting.value) in {"allow", "disable", "prefer"}
	msg := sprintf("%s does not insist on TLS", [setting.label])
}

deny contains {"msg": msg, "path": setting.path} if {
	some setting in settings
	regex.match(`(^|[_.])security[_.]protocol$`, lower(setting.name))
	upper(setting.value) in {"PLAINTEXT", "SASL_PLAINTEXT"}
	msg := sprintf("%s turns TLS to Kafka off", [setting.label])
}

# What follows "postgresql://" up to the end of the URL.
accepts_plain(rest) if {
	regex.match(`[?&]sslmode=(allow|disable|prefer)(&|$)`, rest)
	not is_local(rest)
}

accepts_plain(rest) if {
	not contains(lower(rest), "ssl")
	not mode_is_set
	not is_local(rest)
}

# libpq and the drivers that follow it take the mode from a variable too.
mode_is_set if {
	some setting in settings
	regex.match(`ssl_?(mode|root_?cert)$`, lower(setting.name))
}

# No host, a host that is a variable or a template, or this Pod itself.
is_local(rest) if regex.match(`^([^@/?]*@)?(localhost|127\.[0-9.]+|\[::1\]|[$%{(][^/]*)?([:/?]|$)`, rest)

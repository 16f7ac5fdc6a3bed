# METADATA
# title: No credential is kept in a ConfigMap
# description: >-
#   ConfigMaps are for what everyone may see: they are not encrypted at rest, and most roles may read them. A key counts if
#   its name is that of a credential (DB_PASSWORD), or if its text sets one, as a properties, env, YAML, JSON or ini file
#   does (`password: …`). Programs (.rego, .py, .sh, …) are not read as configuration.
# custom:
#   kinds: [ConfigMap]
#   needs: [facts.suspect.credential, facts.suspect.textCredential]
#   help: >-
#     Move the value to a Secret, or let the file refer to a variable or a file that comes from one; then rotate the
#     credential.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: ConfigMap
#       metadata: {name: app}
#       data:
#         DB_HOST: sb-postgres
#         app.properties: |
#           db.user=soma
#           db.password=${DB_PASSWORD}
#     bad: |
#       apiVersion: v1
#       kind: ConfigMap
#       metadata: {name: app}
#       data:
#         app.properties: |
#           db.user=soma
#           db.password=hunter2
package kubevet.secrets.configmap_literal

import data.kubevet.lib.configuration
import data.kubevet.lib.credentials
import rego.v1

deny contains {"msg": msg, "path": entry.path} if {
	some entry in configuration.config_values
	credentials.given(entry.name, entry.value)
	not contains(trim_space(entry.value), "\n")
	msg := sprintf("%s is a credential written in plain text", [entry.label])
}

deny contains {"msg": msg, "path": entry.path, "text": name} if {
	some entry in configuration.config_values
	not is_program(entry.name)
	not is_translation(entry.name)
	some name in credentials.set_in_text(entry.value)
	msg := sprintf("%s sets the credential %s in plain text", [entry.label, name])
}

deny contains {"msg": msg, "path": entry.path, "text": name} if {
	some entry in configuration.config_values
	some name in credentials.set_in_xml(entry.value)
	msg := sprintf("%s sets the credential %s in plain text", [entry.label, name])
}

deny contains {"msg": msg, "path": entry.path} if {
	some entry in configuration.config_values
	credentials.has_password_line(entry.name, entry.value)
	msg := sprintf("%s is a file of passwords for PostgreSQL", [entry.label])
}

deny contains {"msg": msg, "path": entry.path} if {
	some entry in configuration.config_values
	what := credentials.set_in_form(entry.name, entry.value)
	msg := sprintf("%s has %s in plain text", [entry.label, what])
}

# Here two slashes begin an address, and no comment.
deny contains {"msg": msg, "path": entry.path, "text": name} if {
	some entry in configuration.config_values
	endswith(entry.name, "npmrc")
	some name in credentials.set_in_text(entry.raw)
	msg := sprintf("%s sets the credential %s in plain text", [entry.label, name])
}

# redis.conf and its like separate names and values with spaces.
deny contains {"msg": msg, "path": entry.path, "text": parts[1]} if {
	some entry in configuration.config_values
	endswith(entry.name, ".conf")
	some parts in regex.find_all_string_submatch_n(`(?m)^[ \t]*(requirepass|masterauth)[ \t]+([^ \t\r\n]+)`, entry.value, -1)
	credentials.literal(trim(parts[2], `"'`))
	msg := sprintf("%s sets the credential %s in plain text", [entry.label, parts[1]])
}

is_program(name) if regex.match(`\.(rego|py|sh|bash|js|mjs|ts|lua|sql|go|rb|pl|java|md|txt|html|css|xsd|proto|tmpl|tpl|rules|j2)$`, lower(name))

# The texts of a user interface: messages_en.properties has doForgotPassword=Forgot Password?
is_translation(name) if regex.match(`^(messages|labels|strings|translations?)([-_.][A-Za-z_-]+)?\.(properties|json|ya?ml)$`, name)

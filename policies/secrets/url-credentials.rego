# METADATA
# title: No URL carries a password
# description: >-
#   A connection string such as scheme://user:password@host hides a credential in a value that nobody thinks of as secret.
#   Environment variables, arguments, ConfigMap values and annotations are searched. A password that is a variable or a
#   template is fine.
# custom:
#   needs: [facts.suspect.urlPassword]
#   help: >-
#     Keep the whole URL in a Secret, or write the password as $(NAME) from a variable that a Secret sets before; then
#     rotate the credential.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: ConfigMap
#       metadata: {name: app}
#       data: {REDIS_URL: "redis://sb-redis:6379/0"}
#     bad: |
#       apiVersion: v1
#       kind: ConfigMap
#       metadata: {name: app}
#       data: {REDIS_URL: "redis://:hunter2@sb-redis:6379/0"}
package kubevet.secrets.url_credentials

import data.kubevet.lib.configuration
import data.kubevet.lib.credentials
import rego.v1

deny contains {"msg": msg, "path": text.path, "text": min(passwords)} if {
	some text in configuration.texts
	contains(text.value, "://")
	passwords := credentials.url_passwords(text.value)
	count(passwords) > 0
	msg := sprintf("%s contains a URL with a password", [text.label])
}

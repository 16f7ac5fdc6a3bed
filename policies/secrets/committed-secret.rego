# METADATA
# title: No Secret with data is kept in Git
# description: >-
#   A Secret's data is encoded, not encrypted: whoever can read the repository, a fork or a build log has it, for as long as
#   the history exists. Generators count, as the file or literal that they read is in Git just the same. A Secret without
#   data (one that a controller fills), values that SOPS has encrypted and placeholders of Argo CD's Vault plugin pass.
# custom:
#   kinds: [Secret]
#   help: >-
#     Let an ExternalSecret (or a SealedSecret) make the Secret, and remove this one from the overlay. Rotate what was
#     committed. In an environment where it is fine, such as one on a laptop, turn the rule off in environments.yaml.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Secret
#       metadata: {name: filled-by-a-controller}
#       type: Opaque
#     bad: |
#       apiVersion: v1
#       kind: Secret
#       metadata: {name: db}
#       data: {password: aHVudGVyMg==}
package kubevet.secrets.committed_secret

import data.kubevet.lib.secret
import rego.v1

deny contains {"msg": msg, "path": [field]} if {
	some field in ["data", "stringData"]
	keys := sort([entry.key |
		some entry in secret.entries
		entry.path[0] == field
		real(entry.text)
	])
	count(keys) > 0
	msg := sprintf("the Secret has its values in Git: %s", [concat(", ", keys)])
}

# Empty values and placeholders are secrets/placeholder's.
real(text) if {
	trim_space(text) != ""
	not startswith(text, "ENC[")
	not regex.match(`^<path:[^>]*>$|^<[a-zA-Z0-9_. |-]+>$`, text)
}

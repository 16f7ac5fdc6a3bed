# METADATA
# title: No text contains a private key or a known kind of token
# description: >-
#   Private keys and the tokens of many services have a fixed, published format (`-----BEGIN … PRIVATE KEY-----`, AKIA…,
#   ghp_…), so they are found whatever the variable or the file is called, a private key in Base64 too. Environment
#   variables, arguments, headers of probes, ConfigMap values, annotations and all texts of custom resources are searched. Nothing is guessed
#   from entropy.
# custom:
#   texts: [PRIVATE KEY, AKIA, ASIA, ghp_, gho_, ghu_, ghs_, ghr_, github_pat_, glpat-, xox, hooks.slack.com, AIza,
#           k_live_, sk-, hf_, npm_, pypi-, hvs., SG., eyJ, dckr_pat_, _v1_, glsa_, glc_, shp, GOCSPX-, AGE-SECRET-KEY-1,
#           uthorization, UFJJVkFURSBLRV, BSSVZBVEUgS0VZ, QUklWQVRFIEtFW]
#   help: Revoke the key or token, since it is in Git, and keep its successor in a Secret.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: ConfigMap
#       metadata: {name: app}
#       data: {ca.crt: "-----BEGIN CERTIFICATE-----"}
#     bad: |
#       apiVersion: v1
#       kind: ConfigMap
#       metadata: {name: app}
#       data: {tls.pem: "-----BEGIN PRIVATE KEY-----"}
package kubevet.secrets.known_token

import data.kubevet.lib.configuration
import data.kubevet.lib.credentials
import rego.v1

deny contains {"msg": msg, "path": text.path} if {
	some text in configuration.texts
	some name in credentials.known_tokens(object.get(text, "raw", text.value))
	msg := sprintf("%s contains %s", [text.label, name])
}

# METADATA
# title: The API server serves the object's apiVersion and kind
# description: >-
#   An object whose apiVersion was removed, or whose kind does not exist there, cannot be applied. Judged by the
#   Kubernetes version of --kubernetes-version; kinds of CustomResourceDefinitions are not judged, since any
#   cluster may have them.
# custom:
#   needs: [facts.schema]
#   fix: true
#   help: >-
#     Use the apiVersion that the message names, and read its release notes: fields may have moved.
#   examples:
#     good: |
#       apiVersion: networking.k8s.io/v1
#       kind: NetworkPolicy
#       metadata: {name: deny}
#       spec: {podSelector: {}}
#     bad: |
#       apiVersion: networking.k8s.io/v1beta1
#       kind: Ingress
#       metadata: {name: web}
package kubevet.schema.api_version

import data.kubevet.lib.fix
import data.kubevet.lib.upgrade
import rego.v1

deny contains {"msg": msg, "path": fact.path, "fix": fixes(fact)} if {
	some fact in input.facts.schema
	fact.reason == "api-version"
	msg := sprintf("%s %s", [fact.field, fact.message])
}

fixes(fact) := upgrade.to(fact.suggestion) if {
	fact.path == ["apiVersion"]
	fact.suggestion
} else := [fix.suggestion(sprintf("make it a %s", [fact.suggestion]), [{"set": fact.path, "value": fact.suggestion}])] if {
	fact.suggestion
} else := []

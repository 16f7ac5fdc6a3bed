# METADATA
# title: The API server serves the object's apiVersion and kind
# description: >-
#   An object whose apiVersion was removed, or whose kind does not exist there, cannot be applied. Judged by the
#   Kubernetes version of --kubernetes-version; kinds of CustomResourceDefinitions are not judged, since any
#   cluster may have them.
# custom:
#   needs: [facts.schema]
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

import rego.v1

deny contains {"msg": msg, "path": fact.path} if {
	some fact in input.facts.schema
	fact.reason == "api-version"
	msg := sprintf("%s %s", [fact.field, fact.message])
}

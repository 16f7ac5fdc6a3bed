# METADATA
# title: No two Ingresses answer for the same host and path
# description: >-
#   Which of two Ingresses wins for one host and path depends on the controller and on their age, so the answer may
#   change with the next re-creation.
# custom:
#   scope: overlay
#   kinds: [Ingress]
#   help: >-
#     Merge the rules, or give one of them another host or path.
#   examples:
#     good: |
#       apiVersion: networking.k8s.io/v1
#       kind: Ingress
#       metadata: {name: app}
#       spec: {rules: [{host: a.example.com, http: {paths: [{path: /}]}}]}
#     bad: |
#       apiVersion: networking.k8s.io/v1
#       kind: Ingress
#       metadata: {name: app}
#       spec: {rules: [{host: a.example.com, http: {paths: [{path: /}]}}]}
#       ---
#       apiVersion: networking.k8s.io/v1
#       kind: Ingress
#       metadata: {name: other}
#       spec: {rules: [{host: a.example.com, http: {paths: [{path: /}]}}]}
package kubevet.ingress.duplicate_path

import data.kubevet.lib.overlay
import rego.v1

ingresses := overlay.of_kind("networking.k8s.io", "Ingress")

# Host, path and class -> numbers of the Ingresses that answer for them.
claims[claim] contains i if {
	some i, ingress in ingresses
	entry := ingress.spec.rules[_]
	place := entry.http.paths[_]
	claim := concat("\n", [text(entry, "host"), text(place, "path"), text(ingress.spec, "ingressClassName")])
}

text(object, field) := object[field] if {
	is_string(object[field])
} else := ""

deny contains {"msg": msg, "path": ["spec", "rules"], "object": overlay.identity(later), "related": related} if {
	some claim, numbers in claims
	count(numbers) > 1
	first := ingresses[min(numbers)]
	some i in numbers
	i != min(numbers)
	later := ingresses[i]
	parts := split(claim, "\n")
	msg := sprintf("%s also answers for %s%s", [overlay.title(first), parts[0], parts[1]])
	related := [{"object": overlay.identity(first), "path": ["spec", "rules"], "note": "the other Ingress"}]
}

# METADATA
# title: No namespace is one typo away from the overlay's own
# description: >-
#   An object in a namespace that the overlay does not make, but whose name differs from one that it makes by a single
#   letter, is most likely a slip: the object goes nowhere, or a NetworkPolicy lets nobody in. Namespaces of objects and
#   those that policies select by kubernetes.io/metadata.name are compared.
# custom:
#   scope: overlay
#   kinds: [Namespace]
#   fix: true
#   help: >-
#     Write the namespace's name as the Namespace has it.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Namespace
#       metadata: {name: somabrain-dev}
#       ---
#       apiVersion: v1
#       kind: Service
#       metadata: {name: app, namespace: somabrain-dev}
#     bad: |
#       apiVersion: v1
#       kind: Namespace
#       metadata: {name: somabrain-dev}
#       ---
#       apiVersion: v1
#       kind: Service
#       metadata: {name: app, namespace: sombrain-dev}
package kubevet.objects.namespace_typo

import data.kubevet.lib.fix
import data.kubevet.lib.overlay
import rego.v1

made := {overlay.name(space) | some space in overlay.of_kind("", "Namespace")}

# The namespaces that objects are in, each once: there are few, and next to none has a typo.
typos contains [typo, name] if {
	some typo in {space | space := input.objects[_].metadata.namespace; is_string(space)}
	some name in misspelt(typo)
}

deny contains {"msg": message(typo, name), "path": path, "object": overlay.identity(object), "fix": corrected(path, name)} if {
	path := ["metadata", "namespace"]
	some [typo, name] in typos
	object := input.objects[_]
	object.metadata.namespace == typo
}

deny contains {"msg": message(typo, name), "path": path, "object": overlay.identity(policy), "fix": corrected(path, name)} if {
	some policy in overlay.of_kind("networking.k8s.io", "NetworkPolicy")
	some direction, peers in {"ingress": "from", "egress": "to"}
	rules := policy.spec[direction]
	list := rules[i][peers]
	typo := list[j].namespaceSelector.matchLabels["kubernetes.io/metadata.name"]
	is_string(typo)
	some name in misspelt(typo)
	path := ["spec", direction, i, peers, j, "namespaceSelector", "matchLabels", "kubernetes.io/metadata.name"]
}

message(typo, name) := sprintf("there is no namespace %s in the overlay; did you mean %s?", [typo, name])

corrected(path, name) := fix.suggestion(sprintf("name %q", [name]), [{"set": path, "value": name}])

misspelt(typo) := {name |
	not typo in made
	some name in made
	near(typo, name)
}

# True if one letter is missing, added or different. Names that differ in a digit (team-1, team-2) are meant to.
near(a, b) if {
	count(a) > 5
	abs(count(a) - count(b)) < 2
	not regex.replace(a, `[0-9]+`, "#") == regex.replace(b, `[0-9]+`, "#")
	count((shortened(a) | {a}) & (shortened(b) | {b})) > 0
}

shortened(text) := {concat("", [substring(text, 0, i), substring(text, i + 1, -1)]) | some i in numbers.range(0, count(text) - 1)}

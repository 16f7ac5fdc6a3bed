# METADATA
# title: Services select something
# description: >-
#   A Service whose selector no Pod of its namespace matches has no endpoints: every connection to it is refused.
#   Usually a label was renamed on one side. Pods that operators make count (policies/products.yaml); Services
#   without a selector are not judged, nor are namespaces that are not all here.
# custom:
#   kinds: [Service]
#   needs: [facts.dangling]
#   fix: true
#   help: >-
#     Make the selector match the labels of a Pod template in the same namespace.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Service
#       metadata: {name: web, namespace: shop}
#       spec: {selector: {app: web}, ports: [{port: 80}]}
#       ---
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web, namespace: shop}
#       spec:
#         template:
#           metadata: {labels: {app: web}}
#           spec:
#             containers:
#               - {name: web, image: example/web:1}
#     bad: |
#       apiVersion: v1
#       kind: Service
#       metadata: {name: web, namespace: shop}
#       spec: {selector: {app: wbe}, ports: [{port: 80}]}
#       ---
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web, namespace: shop}
#       spec:
#         template:
#           metadata: {labels: {app: web}}
#           spec:
#             containers:
#               - {name: web, image: example/web:1}
package kubevet.references.service_selector

import data.kubevet.lib.fix
import rego.v1

deny contains {"msg": msg, "path": dangling.path, "related": related(dangling), "fix": fixes(dangling)} if {
	some dangling in input.facts.dangling
	dangling.kind == "Pod"
	not dangling.port
	msg := concat("", ["selector selects no workload of its namespace", elsewhere(dangling)])
}

elsewhere(dangling) := sprintf("; it would select %s of another one", [dangling.similar]) if {
	dangling.similar
} else := sprintf("; did you mean %s %s, %s?", [near.object.kind, near.object.name, differs(near)]) if {
	near := dangling.nearest
} else := ""

differs(near) := sprintf("whose %s is %s", [near.label, near.value]) if {
	near.value
} else := sprintf("which lacks %s", [near.label])

# What makes the difference may stand in a patch.
related(dangling) := [{"object": near.object, "path": near.path, "note": sprintf("the label %s", [near.label])}] if {
	near := dangling.nearest
} else := []

# The Service asks for what the Pods have, or the Pods get what it asks for.
fixes(dangling) := [fix.suggestion(sprintf("select by %s: %s", [near.label, near.value]), [{"set": label, "value": near.value}])] if {
	near := dangling.nearest
	near.value
	label := array.concat(dangling.path, [near.label])
} else := [fix.suggestion(sprintf("label the Pods %s: %s", [near.label, wanted]), [edit])] if {
	near := dangling.nearest
	wanted := object.get(input, array.concat(dangling.path, [near.label]), null)
	is_string(wanted)
	edit := {"object": near.object, "set": near.path, "value": wanted}
} else := []

# METADATA
# title: Custom resources keep the rules of their definition
# description: >-
#   A CustomResourceDefinition can say in CEL (x-kubernetes-validations) what a schema can't: that a field needs another, that
#   a list has no two defaults, that a value never changes. The API server evaluates these rules after it has set defaults, and
#   refuses what breaks one; so does this rule. Rules about a change are evaluated where there is an old object.
# custom:
#   needs: [facts.schema]
#   help: >-
#     Change the object as the rule wants it; the rule itself is in the CustomResourceDefinition.
#   examples:
#     good: |
#       apiVersion: apiextensions.k8s.io/v1
#       kind: CustomResourceDefinition
#       metadata: {name: rooms.example.com}
#       spec:
#         group: example.com
#         scope: Namespaced
#         names: {kind: Room, plural: rooms, singular: room, listKind: RoomList}
#         versions:
#           - name: v1
#             served: true
#             storage: true
#             schema:
#               openAPIV3Schema:
#                 type: object
#                 properties:
#                   spec:
#                     type: object
#                     properties: {seats: {type: integer}, taken: {type: integer, default: 0}}
#                     x-kubernetes-validations:
#                       - {rule: "!has(self.seats) || self.taken <= self.seats", message: must not take more seats than there are}
#       ---
#       apiVersion: example.com/v1
#       kind: Room
#       metadata: {name: hall}
#       spec: {seats: 4}
#     bad: |
#       apiVersion: apiextensions.k8s.io/v1
#       kind: CustomResourceDefinition
#       metadata: {name: rooms.example.com}
#       spec:
#         group: example.com
#         scope: Namespaced
#         names: {kind: Room, plural: rooms, singular: room, listKind: RoomList}
#         versions:
#           - name: v1
#             served: true
#             storage: true
#             schema:
#               openAPIV3Schema:
#                 type: object
#                 properties:
#                   spec:
#                     type: object
#                     properties: {seats: {type: integer}, taken: {type: integer, default: 0}}
#                     x-kubernetes-validations:
#                       - {rule: "!has(self.seats) || self.taken <= self.seats", message: must not take more seats than there are}
#       ---
#       apiVersion: example.com/v1
#       kind: Room
#       metadata: {name: hall}
#       spec: {seats: 4, taken: 5}
package kubevet.schema.cel

import rego.v1

deny contains {"msg": msg, "path": fact.path, "related": related} if {
	some fact in input.facts.schema
	fact.reason == "rule"
	msg := sprintf("%s: %s", [fact.field, fact.message])
	related := [{"object": definition, "path": fact.rule.path, "note": "the rule"} |
		definition := fact.rule.definition
		definition != null
	]
}

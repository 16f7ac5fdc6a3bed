# METADATA
# title: The fields of every object are checked against a schema
# description: >-
#   A kind that neither Kubernetes nor a CustomResourceDefinition at hand defines may have any field: a misspelt one, or a
#   value of the wrong type, is found by nobody until the API server refuses it or, worse, an operator ignores it.
#   Kubevet carries schemas of what most people use (`kubevet schemas` lists them); by those that are not as their project
#   released them, only types and names of fields are checked.
# custom:
#   needs: [facts.coverage]
#   help: >-
#     Put the kind's CustomResourceDefinition into policies/schemas, or into the overlay if that installs it.
#   examples:
#     good: |
#       apiVersion: apiextensions.k8s.io/v1
#       kind: CustomResourceDefinition
#       metadata: {name: widgets.example.com}
#       spec:
#         group: example.com
#         scope: Namespaced
#         names: {kind: Widget, plural: widgets, singular: widget, listKind: WidgetList}
#         versions:
#           - name: v1
#             served: true
#             storage: true
#             schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {size: {type: integer}}}}}}
#       ---
#       apiVersion: example.com/v1
#       kind: Widget
#       metadata: {name: web, namespace: shop}
#       spec: {size: 1}
#     bad: |
#       apiVersion: example.com/v1
#       kind: Widget
#       metadata: {name: web, namespace: shop}
#       spec: {sise: 1}
package kubevet.objects.without_schema

import rego.v1

deny contains {"msg": msg, "path": ["kind"]} if {
	input.facts.coverage.unchecked == true
	msg := sprintf("no schema of %s in %s is known, so nothing checks its fields%s", [input.kind, input.apiVersion, why])
}

deny contains {"msg": msg, "path": ["kind"]} if {
	input.facts.coverage.partlyChecked == true
	msg := sprintf("the values of %s in %s are not checked%s", [input.kind, input.apiVersion, why])
}

default why := ""

why := sprintf(": %s", [input.facts.coverage.why])

# METADATA
# title: Custom resources fit a schema that may not be theirs
# description: >-
#   Kubevet carries schemas of custom kinds that it has not from a release: made from source code, from a copy or from a
#   template. By one of these, a field does not exist or has another type. That is often a slip, and sometimes the schema is
#   wrong, so it is a rule of its own, with a level of its own. `kubevet schemas` says which kinds these are.
# custom:
#   needs: [facts.schema]
#   help: >-
#     Correct the field; if it is right, put the CustomResourceDefinition of the version that you use into policies/schemas,
#     which then counts.
#   examples:
#     good: |
#       apiVersion: linkerd.io/v1alpha2
#       kind: ServiceProfile
#       metadata: {name: web.shop.svc.cluster.local, namespace: shop}
#       spec: {routes: [{name: get, condition: {method: GET}}]}
#     bad: |
#       apiVersion: linkerd.io/v1alpha2
#       kind: ServiceProfile
#       metadata: {name: web.shop.svc.cluster.local, namespace: shop}
#       spec: {routes: [{name: get, conditions: {method: GET}}]}
package kubevet.schema.doubtful

import rego.v1

deny contains {"msg": msg, "path": fact.path} if {
	some fact in input.facts.schema
	fact.by.doubtful
	msg := sprintf("%s %s", [fact.field, fact.message])
}

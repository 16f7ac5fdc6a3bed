# METADATA
# title: The API server takes the change
# description: >-
#   Some fields can't change once an object is there: the selector of a Deployment, the claim templates of a StatefulSet,
#   the template of a Job, the address of a Service, the role of a binding, the data of an immutable ConfigMap. The API server
#   refuses the whole object, and what is applied after it may be missing too. The update is judged as `kubectl apply`
#   makes it, from the manifest that was applied before.
# custom:
#   scope: change
#   needs: [facts.change]
#   help: >-
#     Leave the field as it was, or give the object another name, so that a new one is made beside it; to delete it first
#     loses what it holds, and takes time without it.
#   examples:
#     good: |
#       # file: old.yaml
#       apiVersion: rbac.authorization.k8s.io/v1
#       kind: RoleBinding
#       metadata: {name: team, namespace: shop}
#       roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
#       subjects: [{kind: ServiceAccount, name: web, namespace: shop}]
#       # file: new.yaml
#       apiVersion: rbac.authorization.k8s.io/v1
#       kind: RoleBinding
#       metadata: {name: team, namespace: shop}
#       roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
#       subjects: [{kind: ServiceAccount, name: api, namespace: shop}]
#     bad: |
#       # file: old.yaml
#       apiVersion: rbac.authorization.k8s.io/v1
#       kind: RoleBinding
#       metadata: {name: team, namespace: shop}
#       roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
#       subjects: [{kind: ServiceAccount, name: web, namespace: shop}]
#       # file: new.yaml
#       apiVersion: rbac.authorization.k8s.io/v1
#       kind: RoleBinding
#       metadata: {name: team, namespace: shop}
#       roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: writer}
#       subjects: [{kind: ServiceAccount, name: web, namespace: shop}]
package kubevet.change.refused_update

import rego.v1

deny contains {"msg": msg, "object": change.object, "path": refusal.path} if {
	some change in input.facts.change.objects
	some refusal in change.refused
	msg := sprintf("the API server refuses the update: %s %s", [refusal.field, refusal.message])
}

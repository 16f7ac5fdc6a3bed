# METADATA
# title: Rights go to whom the file names
# description: >-
#   The namespace of a kustomization is written over that of subjects called default, also where the file means
#   the ServiceAccount of another namespace: the right goes to somebody else. What a file puts into a namespace of the
#   cluster's own, such as a RoleBinding in kube-system, is moved as well, and means nothing elsewhere.
# custom:
#   scope: overlay
#   needs: [notes.namespace-overwritten]
#   help: >-
#     Bind another ServiceAccount than default, or keep the binding in a kustomization without namespace,
#     listed beside the one that sets it.
#   examples:
#     good: |
#       # file: kustomization.yaml
#       namespace: web
#       resources: [binding.yaml]
#       # file: binding.yaml
#       apiVersion: rbac.authorization.k8s.io/v1
#       kind: RoleBinding
#       metadata: {name: viewers}
#       roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
#       subjects: [{kind: ServiceAccount, name: default, namespace: web}]
#     bad: |
#       # file: kustomization.yaml
#       namespace: web
#       resources: [binding.yaml]
#       # file: binding.yaml
#       apiVersion: rbac.authorization.k8s.io/v1
#       kind: RoleBinding
#       metadata: {name: viewers}
#       roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
#       subjects: [{kind: ServiceAccount, name: default, namespace: ci-runners}]
package kubevet.kustomize.namespace_overwritten

import rego.v1

deny contains {"msg": note.message, "note": i} if {
	some i, note in input.notes
	note.kind == "namespace-overwritten"
}

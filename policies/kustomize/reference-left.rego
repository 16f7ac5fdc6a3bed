# METADATA
# title: References follow what a kustomization renames or moves
# description: >-
#   A prefix, a suffix or a namespace changes what objects are called and where they are. Kustomize follows in the
#   fields that it knows and where the namespaces agree; what stays names something that is no longer there.
# custom:
#   scope: overlay
#   needs: [notes.reference-left]
#   help: >-
#     Leave the namespace out of the base, give both objects the same one, or list the field under nameReference or
#     namespace in `configurations`.
#   examples:
#     good: |
#       # file: kustomization.yaml
#       namespace: shop
#       resources: [binding.yaml]
#       # file: binding.yaml
#       apiVersion: v1
#       kind: ServiceAccount
#       metadata: {name: web, namespace: system}
#       ---
#       apiVersion: rbac.authorization.k8s.io/v1
#       kind: RoleBinding
#       metadata: {name: viewers, namespace: system}
#       roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
#       subjects: [{kind: ServiceAccount, name: web, namespace: system}]
#     bad: |
#       # file: kustomization.yaml
#       namespace: shop
#       resources: [binding.yaml]
#       # file: binding.yaml
#       apiVersion: v1
#       kind: ServiceAccount
#       metadata: {name: web}
#       ---
#       apiVersion: rbac.authorization.k8s.io/v1
#       kind: RoleBinding
#       metadata: {name: viewers}
#       roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
#       subjects: [{kind: ServiceAccount, name: web, namespace: system}]
package kubevet.kustomize.reference_left

import rego.v1

deny contains {"msg": note.message, "note": i} if {
	some i, note in input.notes
	note.kind == "reference-left"
}

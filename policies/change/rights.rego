# METADATA
# title: It is known who may do more than before
# description: >-
#   Roles and bindings are expanded on both sides, with what is aggregated into a role: a verb more in a ClusterRole counts for everybody
#   who is bound to it. What is more than it looks comes first and says why: reading Secrets, running commands in Pods, making Pods or
#   tokens, handing on or taking rights, signing certificates, webhooks. Of a role that no binding here names, only that is told. A workload
#   whose Pods get another ServiceAccount gets what that may do. Rights that are taken away are no finding.
# custom:
#   scope: change
#   level: warn
#   needs: [facts.change.rights.granted]
#   help: >-
#     Grant the verbs and resources that are used, by name where there is one, and in a namespace instead of the cluster.
#   examples:
#     good: |
#       # file: old.yaml
#       apiVersion: rbac.authorization.k8s.io/v1
#       kind: Role
#       metadata: {name: web, namespace: shop}
#       rules: [{apiGroups: [""], resources: [secrets], verbs: [get, list]}]
#       ---
#       apiVersion: rbac.authorization.k8s.io/v1
#       kind: RoleBinding
#       metadata: {name: web, namespace: shop}
#       roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: web}
#       subjects: [{kind: ServiceAccount, name: web, namespace: shop}]
#       # file: new.yaml
#       apiVersion: rbac.authorization.k8s.io/v1
#       kind: Role
#       metadata: {name: web, namespace: shop}
#       rules: [{apiGroups: [""], resources: [secrets], verbs: [get]}]
#       ---
#       apiVersion: rbac.authorization.k8s.io/v1
#       kind: RoleBinding
#       metadata: {name: web, namespace: shop}
#       roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: web}
#       subjects: [{kind: ServiceAccount, name: web, namespace: shop}]
#     bad: |
#       # file: old.yaml
#       apiVersion: rbac.authorization.k8s.io/v1
#       kind: Role
#       metadata: {name: web, namespace: shop}
#       rules: [{apiGroups: [""], resources: [secrets], verbs: [get]}]
#       ---
#       apiVersion: rbac.authorization.k8s.io/v1
#       kind: RoleBinding
#       metadata: {name: web, namespace: shop}
#       roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: web}
#       subjects: [{kind: ServiceAccount, name: web, namespace: shop}]
#       # file: new.yaml
#       apiVersion: rbac.authorization.k8s.io/v1
#       kind: Role
#       metadata: {name: web, namespace: shop}
#       rules: [{apiGroups: [""], resources: [secrets], verbs: [get, list]}]
#       ---
#       apiVersion: rbac.authorization.k8s.io/v1
#       kind: RoleBinding
#       metadata: {name: web, namespace: shop}
#       roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: web}
#       subjects: [{kind: ServiceAccount, name: web, namespace: shop}]
package kubevet.change.rights

import rego.v1

deny contains {"msg": msg, "object": grant.object, "path": grant.path} if {
	some grant in input.facts.change.rights.granted
	is_news(grant)
	msg := sprintf("%s may now, %s: %s%s", [subjects(grant), place(grant), concat("; ", [words(right) | some right in grant.rights]), more(grant.more)])
}

# Who is bound to a role elsewhere is not known; what is dangerous is worth a look all the same.
is_news(grant) if grant.bound

is_news(grant) if {
	some right in grant.rights
	right.danger
}

subjects(grant) := sprintf("%s%s", [concat(", ", grant.subjects), more(grant.moreSubjects)])

place(grant) := "in the whole cluster" if {
	grant.namespace == null
} else := sprintf("in namespace %s", [grant.namespace])

words(right) := sprintf("%s (%s)", [right.text, right.danger]) if {
	right.danger != right.text
} else := right.text

more(count) := sprintf(" and %d more", [count]) if {
	count > 0
} else := ""

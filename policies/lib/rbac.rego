# METADATA
# title: Roles
# description: What the RBAC rules share. Every rule of a role is looked at with its place in the role.
package kubevet.lib.rbac

import data.kubevet.lib.workload
import rego.v1

rules := [entry |
	input.kind in {"ClusterRole", "Role"}
	workload.group == "rbac.authorization.k8s.io"
	grant := input.rules[i]
	entry := {
		"path": ["rules", i],
		"groups": values(grant, "apiGroups"),
		"resources": values(grant, "resources"),
		"verbs": values(grant, "verbs"),
		"names": values(grant, "resourceNames"),
		"urls": values(grant, "nonResourceURLs"),
	}
]

values(grant, field) := {value | value := grant[field][_]; is_string(value)}

# True if an entry of a role allows one of the verbs on the resource by name. `*` as a resource is rbac/wildcard's.
grants(entry, group, resource, verbs) if {
	in_group(entry, group)
	some name in {resource, any_parent(resource)}
	name in entry.resources
	count((verbs | {"*"}) & entry.verbs) > 0
}

in_group(entry, group) if group in entry.groups

in_group(entry, _) if "*" in entry.groups

# "pods/exec" -> "*/exec"
any_parent(resource) := concat("/", ["*", split(resource, "/")[1]]) if {
	contains(resource, "/")
} else := resource

# Subjects of a binding with their places.
subjects := [entry |
	input.kind in {"ClusterRoleBinding", "RoleBinding"}
	workload.group == "rbac.authorization.k8s.io"
	subject := input.subjects[i]
	entry := {"subject": subject, "path": ["subjects", i]}
]

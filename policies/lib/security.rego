# METADATA
# title: Security contexts
# description: >-
#   What the rules on security contexts share. They follow the checks of Kubernetes' Pod Security admission and its
#   versions (kubernetes/pod-security-admission, folder policy).
package kubevet.lib.security

import data.kubevet.lib.parameters
import data.kubevet.lib.workload
import rego.v1

# The Pod's own context and that of each container, where there is one.
contexts := array.concat(pod_contexts, container_contexts)

pod_contexts := [{"context": context, "path": array.concat(workload.spec_path, ["securityContext"]), "label": "the Pod"} |
	context := workload.spec.securityContext
	is_object(context)
]

container_contexts := [found |
	some entry in workload.containers
	context := entry.container.securityContext
	is_object(context)
	found := {"context": context, "path": array.concat(entry.path, ["securityContext"]), "label": entry.label}
]

# Where a container's setting belongs, for findings on one that is missing.
setting_path(entry, keys) := array.concat(array.concat(entry.path, ["securityContext"]), keys)

# Windows has neither capabilities, seccomp nor privilege escalation, so `restricted` does not ask for them there (1.25).
windows if workload.spec.os.name == "windows"

# Root in a user namespace is nobody outside of it, so some checks let such Pods pass (1.35).
user_namespace if {
	workload.spec.hostUsers == false
	parameters.at_least(35)
}

# True where a container of a Pod with this spec certainly does not run as root: its user has a number.
runs_as_user(container, spec) if {
	is_number(user(container, spec))
	user(container, spec) != 0
}

# The number of its user, its own or the Pod's, or null where the image says who it is.
user(container, spec) := object.get(container, setting, object.get(spec, setting, null)) if {
	setting := ["securityContext", "runAsUser"]
}

# METADATA
# title: Compute resources of containers
# description: >-
#   Which containers lack a request or a limit, once everything that Kubernetes takes into account is: a limit is the
#   default of the request, and resources of the Pod as a whole (1.34 and later; 1.33 drops them silently) cover the
#   containers that name none. Ephemeral containers may not have any.
package kubevet.lib.compute

import data.kubevet.lib.fix
import data.kubevet.lib.parameters
import data.kubevet.lib.quantity
import data.kubevet.lib.workload
import rego.v1

sized_containers := [entry |
	some entry in workload.containers
	entry.type != "ephemeral container"
]

# Findings for each container whose `resource` ("cpu", "memory") has no limit.
without_limit(resource) := {finding |
	not pod_level[["limits", resource]]
	some entry in sized_containers
	not asks(entry.container, "limits", resource)
	path := array.concat(entry.path, ["resources", "limits", resource])
	chosen := fix.suggestion(sprintf("set a %s limit", [resource]), [{"set": path, "value": fix.choice(examples[resource])}])
	finding := {
		"msg": sprintf("%s has no %s limit%s", [entry.label, resource, zero_note(entry.container, "limits", resource)]),
		"path": path,
		"fix": array.concat(requested(entry.container, resource, path), [chosen]),
	}
}

# Findings for each container whose `resource` has no request, of its own or by its limit.
without_request(resource) := {finding |
	not pod_level[["requests", resource]]
	not pod_level[["limits", resource]]
	some entry in sized_containers
	not asks(entry.container, "requests", resource)
	not inherits_limit(entry.container, resource)
	path := array.concat(entry.path, ["resources", "requests", resource])
	finding := {
		"msg": sprintf("%s has no %s request%s", [entry.label, resource, zero_note(entry.container, "requests", resource)]),
		"path": path,
		"fix": [fix.suggestion(sprintf("request %s", [resource]), [{"set": path, "value": fix.choice(examples[resource])}])],
	}
}

# What a person must choose, as they had to see the container at work for it.
examples := {
	"cpu": "CPU from what the container was seen to use, such as 100m",
	"memory": "memory from what the container was seen to use, such as 128Mi",
}

# A container that is held to the memory that it asked for can't make its node run short.
requested(container, "memory", path) := [fix.suggestion("limit memory to what is requested", [edit])] if {
	asks(container, "requests", "memory")
	edit := {"set": path, "value": container.resources.requests.memory}
} else := []

requested(_, "cpu", _) := []

zero_note(container, field, resource) := " (0 means none)" if {
	amounts := container.resources[field]
	quantity.is_zero(amounts[resource])
} else := ""

# `holder` is a container or a Pod's spec. It is passed whole: under `not`, OPA and regorus disagree about a call with an
# undefined argument, such as `resources` where there are none.
asks(holder, field, resource) if {
	amounts := holder.resources[field]
	amount := amounts[resource]
	amount != null
	not quantity.is_zero(amount)
}

# The API server copies a limit into a request that is not there.
inherits_limit(container, resource) if {
	not is_set(container, "requests", resource)
	asks(container, "limits", resource)
}

is_set(container, field, resource) if {
	amounts := container.resources[field]
	amounts[resource] != null
}

# What the Pod as a whole asks for (Kubernetes 1.34), as [field, resource].
pod_level contains [field, resource] if {
	some field in ["limits", "requests"]
	some resource in ["cpu", "memory"]
	amounts := workload.spec.resources[field]
	amounts[resource]
	parameters.at_least(34)
	asks(workload.spec, field, resource)
}

# METADATA
# title: Parameters of the environment
# description: >-
#   Reads `data.environment.parameters`, which comes from environments.yaml. A rule works without the table (under plain
#   OPA or conftest) with the default that it names. Rules declare what they read; what many of them read is declared here.
# custom:
#   parameters:
#     kubernetesVersion:
#       type: string
#       default: "1.36"
#       description: The Kubernetes of the clusters; --kubernetes-version, unless the table says.
package kubevet.lib.parameters

import rego.v1

value(name, fallback) := data.environment.parameters[name] if {
	data.environment.parameters[name] != null
} else := fallback

# True if the cluster runs at least this Kubernetes minor version (of 1.x); 1.36 counts if the table does not say.
at_least(wanted) if minor >= wanted

# Computed once: functions are evaluated anew at each call.
minor := to_number(split(sprintf("%v", [value("kubernetesVersion", "1.36")]), ".")[1])

# METADATA
# title: Probes
# description: What the probe rules share, with the defaults that the API server fills in.
package kubevet.lib.probe

import rego.v1

handlers := {"exec", "grpc", "httpGet", "tcpSocket"}

# True where the container has this probe ("livenessProbe", …) with something to do: `livenessProbe: {}` is none.
defined(container, name) if {
	probe := container[name]
	some handler in handlers
	probe[handler] != null
}

# A number of a probe, or the default that the API server fills in for it.
setting(probe, key) := probe[key] if {
	is_number(probe[key])
	probe[key] != 0
} else := {"initialDelaySeconds": 0, "periodSeconds": 10, "timeoutSeconds": 1, "failureThreshold": 3, "successThreshold": 1}[key]

# Seconds after the container's start until a probe that never succeeds gives up on it.
budget(probe) := setting(probe, "initialDelaySeconds") + (setting(probe, "periodSeconds") * setting(probe, "failureThreshold"))

# METADATA
# title: Probes
# description: What the probe rules share, with the defaults that the API server fills in.
package kubevet.lib.probe

import data.kubevet.lib.fix
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

# Seconds that a check must fail for before anything comes of it.
patience(probe) := setting(probe, "periodSeconds") * setting(probe, "failureThreshold")

# The ports that a container listens on, as far as that is known: those that its probes ask, and what it declares for TCP,
# by name where it has one.
ports(container) := array.concat(probed_ports(container), declared_ports(container))

probed_ports(container) := [port |
	some name in ["readinessProbe", "livenessProbe", "startupProbe"]
	some handler in ["httpGet", "grpc", "tcpSocket"]
	port := container[name][handler].port
]

declared_ports(container) := [name |
	port := container.ports[_]
	object.get(port, "protocol", "TCP") == "TCP"
	name := object.get(port, "name", port.containerPort)
]

# The first of them, or what a person must choose.
port(container) := ports(container)[0] if {
	ports(container) != []
} else := fix.choice("the port that it listens on")

# A probe that only asks whether the port takes connections.
connect(container) := {"tcpSocket": {"port": port(container)}}

# A probe that does the same as another one, and gives up after another number of failures.
like(probe, failures) := object.union_n([
	command_timeout(probe),
	{key: value | some key in ["exec", "grpc", "httpGet", "tcpSocket", "periodSeconds", "timeoutSeconds"]; value := probe[key]; value != null},
	{"failureThreshold": failures},
])

command_timeout(probe) := {"timeoutSeconds": setting(probe, "timeoutSeconds")} if {
	probe.exec != null
} else := {}

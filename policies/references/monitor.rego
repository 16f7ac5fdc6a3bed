# METADATA
# title: A ServiceMonitor selects Services that have its ports
# description: >-
#   The Prometheus Operator makes no target, and says nothing, where a ServiceMonitor selects no Service or asks for a port
#   by a name that the Service does not have: an alert on what is measured there never fires. It looks in its own namespace
#   where it names none. Namespaces without a Service in the overlay are not judged, unless the Service that is meant is in
#   another one; nor are Services that an operator makes of a resource whose name the selector asks for. The same goes for
#   a PodMonitor and the Pods of its namespace.
# custom:
#   scope: overlay
#   kinds: [ServiceMonitor, PodMonitor]
#   fix: true
#   help: >-
#     Make the selector match the labels of the Service (not of its Pods), and `port` the name of one of its ports.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Service
#       metadata: {name: api, namespace: shop, labels: {app: api}}
#       spec: {selector: {app: api}, ports: [{name: metrics, port: 9090}]}
#       ---
#       apiVersion: monitoring.coreos.com/v1
#       kind: ServiceMonitor
#       metadata: {name: api, namespace: shop}
#       spec: {selector: {matchLabels: {app: api}}, endpoints: [{port: metrics}]}
#     bad: |
#       apiVersion: v1
#       kind: Service
#       metadata: {name: api, namespace: shop, labels: {app: api}}
#       spec: {selector: {app: api}, ports: [{name: metrics, port: 9090}]}
#       ---
#       apiVersion: monitoring.coreos.com/v1
#       kind: ServiceMonitor
#       metadata: {name: api, namespace: shop}
#       spec: {selector: {matchLabels: {app: api}}, endpoints: [{port: metric}]}
package kubevet.references.monitor

import data.kubevet.lib.fix
import data.kubevet.lib.overlay
import data.kubevet.lib.pods
import data.kubevet.lib.selector
import data.kubevet.lib.workload
import rego.v1

deny contains {"msg": msg, "path": ["spec", "selector"], "object": overlay.identity(monitor)} if {
	some i, monitor in monitors
	count(selected[i]) == 0
	every space in spaces(monitor) {
		services_in[space]
	}
	not of_operator(monitor)
	msg := "the ServiceMonitor selects no Service, so nothing is scraped"
}

deny contains {"msg": msg, "path": ["spec", "selector"], "object": overlay.identity(monitor), "related": related} if {
	some i, monitor in monitors
	count(selected[i]) == 0
	not monitor.spec.namespaceSelector
	not services_in[overlay.key(overlay.namespace(monitor), [])]
	meant := [service | some service in services; selector.matches(monitor.spec.selector, labels(service))]
	msg := sprintf("the ServiceMonitor looks in its own namespace only, and the Service %s that it would select is in another", [overlay.name(meant[0])])
	related := [{"object": overlay.identity(meant[0]), "path": ["metadata", "namespace"], "note": "where it is; namespaceSelector names it"}]
}

deny contains {"msg": msg, "path": path, "object": overlay.identity(monitor), "related": related, "fix": others} if {
	some i, monitor in monitors
	port := monitor.spec.endpoints[n].port
	is_string(port)
	count(selected[i]) > 0
	names := {name | name := services[selected[i][_]].spec.ports[_].name; is_string(name)}
	not port in names
	path := ["spec", "endpoints", n, "port"]
	msg := sprintf("no Service that the ServiceMonitor selects has a port %q", [port])
	others := [fix.suggestion(sprintf("scrape the port %s", [name]), [{"set": path, "value": name}]) | some name in names]
	related := [{"object": overlay.identity(services[at]), "path": ["spec", "ports"], "note": "its ports"} |
		at := sort(selected[i])[0]
	]
}

deny contains {"msg": msg, "path": ["spec", "selector"], "object": overlay.identity(monitor)} if {
	some monitor in overlay.of_kind("monitoring.coreos.com", "PodMonitor")
	not monitor.spec.namespaceSelector
	space := overlay.key(overlay.namespace(monitor), [])
	labels_in[space]
	count([1 | some pod in labels_in[space]; selector.matches(monitor.spec.selector, pod)]) == 0
	not of_operator(monitor)
	msg := "the PodMonitor selects no Pod, so nothing is scraped"
}

# Namespace -> labels of the Pods in it.
labels_in[space] contains found if {
	some entry in pods.all
	space := overlay.key(overlay.namespace(entry.object), [])
	found := object.get(entry.pod, ["metadata", "labels"], {})
}

monitors := overlay.of_kind("monitoring.coreos.com", "ServiceMonitor")

services := overlay.of_kind("", "Service")

# Namespace -> numbers of the Services in it.
services_in[space] contains i if {
	some i, service in services
	space := overlay.key(overlay.namespace(service), [])
}

# Where a monitor looks for Services.
spaces(monitor) := {space | some space, _ in services_in} if {
	monitor.spec.namespaceSelector.any == true
} else := {overlay.key(name, []) | name := monitor.spec.namespaceSelector.matchNames[_]} if {
	monitor.spec.namespaceSelector.matchNames[_]
} else := {overlay.key(overlay.namespace(monitor), [])}

# Number of a monitor -> numbers of the Services that it selects.
selected[i] := {n |
	some space in spaces(monitor)
	some n in object.get(services_in, space, set())
	selector.matches(monitor.spec.selector, labels(services[n]))
} if {
	some i, monitor in monitors
}

labels(object) := object.metadata.labels if {
	is_object(object.metadata.labels)
} else := {}

# Operators label what they make with the name of the resource that they make it of.
of_operator(monitor) if {
	value := monitor.spec.selector.matchLabels[_]
	value in custom_names
}

custom_names contains name if {
	object := input.objects[_]
	contains(workload.group_of(object), ".")
	not endswith(workload.group_of(object), ".k8s.io")
	not object.kind in {"PodMonitor", "ServiceMonitor"}
	name := overlay.name(object)
}

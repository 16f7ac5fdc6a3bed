# METADATA
# title: No Service injects a variable that the application reads as its own
# description: >-
#   For each Service NAME in a namespace the kubelet gives every Pod variables such as NAME_PORT=tcp://10.0.0.1:80. An
#   application whose own variables begin with NAME_ then reads an address where it expects a port number, and fails or
#   ignores it. This finds Pods that neither switch service links off nor set NAME_PORT, and that either set NAME_HOST,
#   or set NAME_… and are called NAME themselves.
# custom:
#   scope: overlay
#   kinds: [Service]
#   needs: [facts.suspect.serviceLinks]
#   fix: true
#   help: >-
#     Set enableServiceLinks: false in the Pod.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Service
#       metadata: {name: brain, namespace: shop}
#       ---
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: brain, namespace: shop}
#       spec: {enableServiceLinks: false, containers: [{name: brain, env: [{name: BRAIN_WORKERS, value: "4"}]}]}
#     bad: |
#       apiVersion: v1
#       kind: Service
#       metadata: {name: brain, namespace: shop}
#       ---
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: brain, namespace: shop}
#       spec: {containers: [{name: brain, env: [{name: BRAIN_WORKERS, value: "4"}]}]}
package kubevet.services.link_clash

import data.kubevet.lib.fix
import data.kubevet.lib.overlay
import data.kubevet.lib.pods
import rego.v1

deny contains {"msg": msg, "path": path, "object": overlay.identity(entry.object), "fix": fix.suggestion("inject no such variables", [{"set": path, "value": false}])} if {
	some entry in pods.all
	spec := entry.pod.spec
	not links_off(spec)
	container := spec.containers[_]
	container.env[0]
	names := {variable | variable := container.env[_].name; is_string(variable)}
	some prefix in suspects(names, entry.object, container)
	service_prefixes[overlay.key(overlay.namespace(entry.object), [prefix])]
	injected := concat("", [prefix, "_PORT"])
	not injected in names
	path := array.concat(entry.path, ["spec", "enableServiceLinks"])
	msg := sprintf("container %q has variables that begin with %s_, and the Service of that name injects %s", [
		object_name(container),
		prefix,
		injected,
	])
}

# Beginnings of variables of which the application is likely to read …_PORT: who reads NAME_HOST does, and a server whose
# own variables begin with its name.
suspects(names, object, container) := hosts | {prefix |
	some prefix in {variable_prefix(overlay.name(object)), variable_prefix(object_name(container))}
	some variable in names
	startswith(variable, concat("", [prefix, "_"]))
} if {
	hosts := {trim_suffix(variable, "_HOST") | some variable in names; endswith(variable, "_HOST")}
}

variable_prefix(name) := replace(upper(name), "-", "_")

links_off(spec) if spec.enableServiceLinks == false

object_name(container) := container.name if {
	is_string(container.name)
} else := ""

# What a namespace's Services make variables begin with: sb-redis -> SB_REDIS.
service_prefixes contains place if {
	some service in overlay.of_kind("", "Service")
	place := overlay.key(overlay.namespace(service), [variable_prefix(overlay.name(service))])
}

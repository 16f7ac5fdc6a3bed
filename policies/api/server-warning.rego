# METADATA
# title: The API server takes it without a warning
# description: >-
#   What the API server answers with a warning, and kubectl prints where nobody looks: a port of the Pod that two containers
#   declare, a selector that is null and selects nothing, an amount of bytes that is not whole, a name that is no host name, a
#   certificate that is none. It is taken, and does not do what was meant.
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, PodTemplate, Job, CronJob, Secret]
#   help: >-
#     Correct it as the message says; the API server would only warn.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec: {containers: [{name: app, ports: [{name: http, containerPort: 80}]}, {name: side, ports: [{name: admin, containerPort: 81}]}]}
#     bad: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec: {containers: [{name: app, ports: [{name: http, containerPort: 80}]}, {name: side, ports: [{name: http, containerPort: 81}]}]}
package kubevet.api.server_warning

import data.kubevet.lib.workload
import rego.v1

# Ports of containers that run at the same time, as they share one address.
ports := [entry |
	some container in workload.containers
	container.type in {"container", "sidecar"}
	port := container.container.ports[i]
	entry := {
		"container": container.label,
		"path": array.concat(container.path, ["ports", i]),
		"name": object.get(port, "name", null),
		"number": sprintf("%v/%v", [port.containerPort, object.get(port, "protocol", "TCP")]),
	}
]

deny contains {"msg": msg, "path": port.path} if {
	some i, port in ports
	some j, earlier in ports
	j < i
	port.container != earlier.container
	port.number == earlier.number
	msg := sprintf("port %s of %s is that of %s too, and they share one address", [port.number, port.container, earlier.container])
}

deny contains {"msg": msg, "path": array.concat(port.path, ["name"])} if {
	some i, port in ports
	some j, earlier in ports
	j < i
	port.container != earlier.container
	is_string(port.name)
	port.name == earlier.name
	msg := sprintf("port name %s of %s is one of %s too; Services and probes that ask for it get only that", [port.name, port.container, earlier.container])
}

# Terms that choose Pods by labels; without a selector they choose none.
choosers contains [constraint, array.concat(workload.spec_path, ["topologySpreadConstraints", i])] if {
	constraint := workload.spec.topologySpreadConstraints[i]
}

choosers contains [term, array.concat(workload.spec_path, ["affinity", kind, field, i])] if {
	some kind in ["podAffinity", "podAntiAffinity"]
	field := "requiredDuringSchedulingIgnoredDuringExecution"
	term := workload.spec.affinity[kind][field][i]
}

choosers contains [term, array.concat(workload.spec_path, ["affinity", kind, field, i, "podAffinityTerm"])] if {
	some kind in ["podAffinity", "podAntiAffinity"]
	field := "preferredDuringSchedulingIgnoredDuringExecution"
	term := workload.spec.affinity[kind][field][i].podAffinityTerm
}

deny contains {"msg": "without a labelSelector this selects no Pod", "path": array.concat(path, ["labelSelector"])} if {
	some [chooser, path] in choosers
	object.get(chooser, "labelSelector", null) == null
}

deny contains {"msg": "the pull secret has no name", "path": array.concat(workload.spec_path, ["imagePullSecrets", i, "name"])} if {
	secret := workload.spec.imagePullSecrets[i]
	object.get(secret, "name", "") == ""
}

deny contains {"msg": msg, "path": path} if {
	some entry in workload.containers
	some list in ["requests", "limits"]
	amount := entry.container.resources[list]["ephemeral-storage"]
	is_fraction(amount)
	path := array.concat(entry.path, ["resources", list, "ephemeral-storage"])
	msg := sprintf("%s of %s is %v, which is no whole number of bytes", [list, entry.label, amount])
}

deny contains {"msg": msg, "path": array.concat(workload.spec_path, ["overhead", "memory"])} if {
	amount := workload.spec.overhead.memory
	is_fraction(amount)
	msg := sprintf("the overhead is %v, which is no whole number of bytes", [amount])
}

is_fraction(amount) if {
	is_string(amount)
	regex.match(`^[0-9]*[1-9][0-9]{0,2}m$`, amount)
	not endswith(amount, "000m")
}

is_fraction(amount) if {
	is_string(amount)
	regex.match(`^[0-9]*\.[0-9]*[1-9][0-9]*$`, amount)
}

is_fraction(amount) if {
	is_number(amount)
	amount != floor(amount)
}

# Kinds whose name becomes the host name of their Pods, or begins it.
named := {"Pod", "Deployment", "ReplicaSet", "ReplicationController", "Job", "CronJob"}

deny contains {"msg": msg, "path": ["metadata", "name"]} if {
	input.kind in named
	workload.pod
	wrong := no_host_name(input.metadata.name)
	msg := sprintf("the host names of the Pods come from this name, which has %s", [wrong])
}

no_host_name(name) := "a dot" if contains(name, ".")

no_host_name(name) := "more than 63 characters" if {
	not contains(name, ".")
	count(name) > 63
}

deny contains {"msg": "tls.crt holds no certificate in PEM", "path": ["data", "tls.crt"]} if {
	input.kind == "Secret"
	input.type == "kubernetes.io/tls"
	text := base64.decode(input.data["tls.crt"])
	not contains(text, "-----BEGIN CERTIFICATE-----")
}

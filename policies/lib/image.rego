# METADATA
# title: Images
# description: >-
#   Lists the images that an object runs, of containers, image volumes and the custom resources of operators, and takes
#   references apart as container runtimes do.
package kubevet.lib.image

import data.kubevet.lib.workload
import rego.v1

# Each with its text, path and label, and but for custom resources with its holder: what has the pull policy as well.
references := array.concat(container_images, array.concat(volume_images, resource_images))

container_images := [found |
	some entry in workload.containers
	is_string(entry.container.image)
	found := {
		"text": entry.container.image,
		"path": array.concat(entry.path, ["image"]),
		"label": entry.label,
		"holder": entry.container,
		"holder_path": entry.path,
	}
]

volume_images := [found |
	volume := workload.spec.volumes[i]
	is_string(volume.image.reference)
	found := {
		"text": volume.image.reference,
		"path": array.concat(workload.spec_path, ["volumes", i, "image", "reference"]),
		"label": sprintf("volume %q", [object.get(volume, "name", "")]),
		"holder": volume.image,
		"holder_path": array.concat(workload.spec_path, ["volumes", i, "image"]),
	}
]

# Where custom resources name the image that their operator is to run, by group and kind.
resource_paths := {
	"kafka.strimzi.io": {
		"Kafka": [["spec", "kafka", "image"]],
		"KafkaBridge": [["spec", "image"]],
		"KafkaConnect": [["spec", "image"]],
		"KafkaMirrorMaker2": [["spec", "image"]],
	},
	"monitoring.coreos.com": {
		"Alertmanager": [["spec", "image"]],
		"Prometheus": [["spec", "image"]],
		"PrometheusAgent": [["spec", "image"]],
		"ThanosRuler": [["spec", "image"]],
	},
	"postgresql.cnpg.io": {"Cluster": [["spec", "imageName"]]},
}

resource_images := [found |
	some path in resource_paths[workload.group][input.kind]
	text := object.get(input, path, null)
	is_string(text)
	found := {"text": text, "path": path, "label": sprintf("the %s", [input.kind])}
]

# Those of which all is known: nothing in their text is filled in later, by Flux, a template or ko.
known_references := [found |
	some found in references
	not open(found)
]

open(found) if regex.match(`\$\{[^}]*\}|\{\{.*\}\}|<<.*>>|^ko://`, found.text)

# Parameters of Tekton.
open(found) if regex.match(`\$\((inputs\.)?(params|context|tasks)[.\[]`, found.text)

# OpenShift writes the image that a tag of an ImageStream stands for into the fields that this annotation names.
open(found) if {
	some trigger in triggers
	some place in [
		sprintf("ontainers[?(@.name==%q)].image", [object.get(found.holder, "name", "")]),
		sprintf("ontainers[%v].image", [found.path[count(found.path) - 2]]),
	]
	endswith(trigger.fieldPath, place)
}

triggers := json.unmarshal(text) if {
	text := input.metadata.annotations["image.openshift.io/triggers"]
	json.is_valid(text)
}

# "registry:5000/a/b:1@sha256:…" -> "1"
tag(text) := parts[1] if {
	segments := split(split(text, "@")[0], "/")
	parts := split(segments[count(segments) - 1], ":")
	count(parts) == 2
}

# The full name without tag and digest: "redis:7" is docker.io/library/redis.
name(text) := full_name(bare) if {
	segments := split(split(text, "@")[0], "/")
	last := split(segments[count(segments) - 1], ":")[0]
	bare := array.concat(array.slice(segments, 0, count(segments) - 1), [last])
}

full_name(segments) := concat("/", segments) if has_registry(segments)

full_name(segments) := concat("/", array.concat(["docker.io"], segments)) if {
	not has_registry(segments)
	count(segments) > 1
}

full_name(segments) := concat("/", array.concat(["docker.io", "library"], segments)) if count(segments) == 1

has_registry(segments) if {
	count(segments) > 1
	regex.match(`[.:]|^localhost$`, segments[0])
}

# An image that a registry may serve another version of tomorrow, under the same text.
moving(text) if {
	not contains(text, "@")
	not tag(text)
}

moving(text) if {
	not contains(text, "@")
	tag(text) == "latest"
}

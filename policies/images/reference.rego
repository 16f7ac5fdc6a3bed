# METADATA
# title: Image references can be read
# description: >-
#   A reference with a blank, a capital letter in the name or a digest of the wrong length is taken by the API server, but
#   no container runtime can read it: the Pod stays at InvalidImageName.
# custom:
#   kinds: [Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Pod, PodTemplate, Job, CronJob, Cluster, Kafka, KafkaBridge, KafkaConnect, KafkaMirrorMaker2, Prometheus, PrometheusAgent, Alertmanager, ThanosRuler]
#   keys: [image, imageName, reference]
#   help: >-
#     Write registry/name:tag or registry/name@sha256:<64 digits in lower case>.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         containers: [{name: app, image: "redis:7.4.11"}]
#     bad: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: app}
#       spec:
#         containers: [{name: app, image: "Redis:7.4.11"}]
package kubevet.images.reference

import data.kubevet.lib.image
import rego.v1

deny contains {"msg": msg, "path": found.path} if {
	some found in image.known_references
	found.text != ""
	flaw := flaws(found.text)[0]
	msg := sprintf("image %q of %s has %s", [found.text, found.label, flaw])
}

# The first one is what people should look at.
flaws(text) := array.concat(
	[flaw | regex.match(`[ \t\r\n]`, text); flaw := "a blank"],
	array.concat(
		[flaw | some digest in array.slice(split(text, "@"), 1, 9); not is_digest(digest); flaw := "a digest that is none"],
		[flaw | not is_name(split(text, "@")[0]); flaw := "a name that no registry takes: lower-case letters, digits and . _ - between them"],
	),
)

is_digest(text) if regex.match(`^sha256:[0-9a-f]{64}$|^sha512:[0-9a-f]{128}$`, text)

# [host[:port]/]part[/part…][:tag]; only the host may have capital letters.
is_name(text) if {
	regex.match(
		`^((localhost|[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)+|[a-zA-Z0-9-]+:[0-9]+|\[[0-9a-fA-F:]+\])(:[0-9]+)?/)?[a-z0-9]+((\.|__?|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|__?|-+)[a-z0-9]+)*)*(:[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127})?$`,
		text,
	)
}

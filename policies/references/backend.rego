# METADATA
# title: Backends of Ingresses are Services that are there
# description: >-
#   An Ingress that sends requests to a Service or a port that does not exist answers them with an error. The
#   port is one of the Service, by its number or its name, not one of the Pods.
# custom:
#   kinds: [Ingress]
#   help: >-
#     Correct the name or the port, or add them to the Service.
package kubevet.references.backend

import data.kubevet.lib.reference
import rego.v1

deny contains reference.missing_object(dangling) if {
	some dangling in input.facts.dangling
	dangling.kind == "Service"
	not dangling.port
}

deny contains {"msg": msg, "path": dangling.path} if {
	some dangling in input.facts.dangling
	dangling.kind == "Service"
	msg := sprintf("Service %s/%s has no port %s", [dangling.namespace, dangling.name, dangling.port])
}

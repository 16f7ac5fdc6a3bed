# METADATA
# title: No annotation puts configuration into the ingress controller
# description: >-
#   Snippet annotations go verbatim into the configuration of a controller that all namespaces share and that can read
#   their Secrets (CVE-2021-25742). Newer ingress-nginx refuses them.
# custom:
#   kinds: [Ingress]
#   keys: [annotations]
#   help: >-
#     Use the controller's own annotations, or set it up in the controller.
#   examples:
#     good: |
#       apiVersion: networking.k8s.io/v1
#       kind: Ingress
#       metadata: {name: app}
#       spec: {rules: [{host: a.example.com}]}
#     bad: |
#       apiVersion: networking.k8s.io/v1
#       kind: Ingress
#       metadata: {name: app, annotations: {nginx.ingress.kubernetes.io/configuration-snippet: "return 200;"}}
package kubevet.ingress.snippet

import rego.v1

deny contains {"msg": msg, "path": ["metadata", "annotations", name]} if {
	input.kind == "Ingress"
	input.metadata.annotations[name]
	regex.match(`/[a-z-]*snippets?$`, name)
	msg := sprintf("annotation %s puts configuration into the ingress controller", [name])
}

# METADATA
# title: Every host of an Ingress has TLS
# description: >-
#   Without TLS passwords, tokens and data cross the network in the clear. A host counts as covered if an entry of
#   spec.tls names it, or a wildcard of its parent; an entry without hosts covers all. So do the ways in which controllers of cloud providers
#   take certificates, or pass TLS through, by annotations.
# custom:
#   kinds: [Ingress]
#   help: >-
#     Add the host to spec.tls with a Secret that holds its certificate (cert-manager can make it).
#   examples:
#     good: |
#       apiVersion: networking.k8s.io/v1
#       kind: Ingress
#       metadata: {name: app}
#       spec: {tls: [{hosts: [a.example.com], secretName: a-tls}], rules: [{host: a.example.com}]}
#     bad: |
#       apiVersion: networking.k8s.io/v1
#       kind: Ingress
#       metadata: {name: app}
#       spec: {rules: [{host: a.example.com}]}
package kubevet.ingress.tls

import data.kubevet.lib.workload
import rego.v1

is_ingress if {
	input.kind == "Ingress"
	workload.group in {"extensions", "networking.k8s.io"}
}

deny contains {"msg": msg, "path": ["spec", "rules", i, "host"]} if {
	is_ingress
	host := input.spec.rules[i].host
	is_string(host)
	not covered(host)
	not elsewhere
	msg := sprintf("host %s has no TLS", [host])
}

deny contains {"msg": "the Ingress serves all hosts without TLS", "path": ["spec", "tls"]} if {
	is_ingress
	not input.spec.tls[0]
	not names_host
	not elsewhere
}

# Annotations that name a certificate, or say that TLS ends elsewhere, whatever their value is.
certificates := {
	"alb.ingress.kubernetes.io/certificate-arn",
	"appgw.ingress.kubernetes.io/appgw-ssl-certificate",
	"ingress.gcp.kubernetes.io/pre-shared-cert",
	"networking.gke.io/certmap",
	"networking.gke.io/managed-certificates",
	"route.openshift.io/termination",
	"service.beta.kubernetes.io/do-loadbalancer-certificate-id",
}

# Annotations that do so with one value.
switches := {
	"haproxy.org/ssl-passthrough": "true",
	"kubernetes.io/ingress.allow-http": "false",
	"nginx.ingress.kubernetes.io/ssl-passthrough": "true",
	"traefik.ingress.kubernetes.io/router.tls": "true",
}

# Controllers that have certificates of their own for every host.
classes := {"tailscale", "cloudflare-tunnel"}

annotation[name] := value if {
	some name, value in input.metadata.annotations
	is_string(value)
	trim_space(value) != ""
}

elsewhere if {
	some name in certificates
	annotation[name]
}

elsewhere if {
	some name, value in switches
	lower(annotation[name]) == value
}

# The AWS load balancer controller finds the certificate of a host by itself.
elsewhere if contains(annotation["alb.ingress.kubernetes.io/listen-ports"], "HTTPS")

elsewhere if input.spec.ingressClassName in classes

elsewhere if annotation["kubernetes.io/ingress.class"] in classes

names_host if input.spec.rules[_].host

covered(host) if host in tls_hosts

covered(host) if concat(".", array.concat(["*"], array.slice(split(host, "."), 1, 100))) in tls_hosts

covered(_) if {
	entry := input.spec.tls[_]
	not entry.hosts[0]
}

tls_hosts contains host if {
	host := input.spec.tls[_].hosts[_]
}

# METADATA
# title: The quota admits the Services that answer certificate challenges
# description: >-
#   For each HTTP-01 challenge cert-manager makes a Service of type NodePort, unless the solver's `serviceType` says ClusterIP.
#   A ResourceQuota that allows no NodePorts refuses it: the challenge stays pending, no certificate is ever issued, and only
#   the Challenge object says why.
# custom:
#   scope: overlay
#   kinds: [Issuer, ClusterIssuer]
#   keys: [http01]
#   help: >-
#     Set `serviceType: ClusterIP` under `http01.ingress` (or `http01.gatewayHTTPRoute`): ingress controllers reach the
#     challenge's Pod through it just as well.
#   examples:
#     good: |
#       apiVersion: cert-manager.io/v1
#       kind: Issuer
#       metadata: {name: letsencrypt, namespace: shop}
#       spec: {acme: {server: https://acme.example.com, privateKeySecretRef: {name: account}, solvers: [{http01: {ingress: {serviceType: ClusterIP}}}]}}
#       ---
#       apiVersion: v1
#       kind: ResourceQuota
#       metadata: {name: shop, namespace: shop}
#       spec: {hard: {services.nodeports: "0"}}
#     bad: |
#       apiVersion: cert-manager.io/v1
#       kind: Issuer
#       metadata: {name: letsencrypt, namespace: shop}
#       spec: {acme: {server: https://acme.example.com, privateKeySecretRef: {name: account}, solvers: [{http01: {ingress: {}}}]}}
#       ---
#       apiVersion: v1
#       kind: ResourceQuota
#       metadata: {name: shop, namespace: shop}
#       spec: {hard: {services.nodeports: "0"}}
package kubevet.ingress.acme_solver

import data.kubevet.lib.overlay
import rego.v1

deny contains {"msg": msg, "path": solver.path, "object": solver.object, "related": related} if {
	some solver in solvers
	solver.type in {"NodePort", "LoadBalancer"}
	quotas := [quota | some quota in refusing; solver.namespace in {quota.object.namespace, "every"}]
	count(quotas) > 0
	msg := sprintf("cert-manager answers challenges through a Service of type %s, which ResourceQuota %s refuses", [solver.type, quotas[0].object.name])
	related := [{"object": quota.object, "path": quota.path, "note": "allows none"} | some quota in quotas]
}

solvers := [solver |
	some kind in ["Issuer", "ClusterIssuer"]
	some issuer in overlay.of_kind("cert-manager.io", kind)
	some i, entry in issuer.spec.acme.solvers
	some way in ["ingress", "gatewayHTTPRoute"]
	settings := entry.http01[way]
	solver := {
		"object": overlay.identity(issuer),
		"namespace": namespace(issuer),
		"path": ["spec", "acme", "solvers", i, "http01", way, "serviceType"],
		"type": service_type(settings),
	}
]

# A ClusterIssuer's challenges are answered in the namespace of the Certificate, whichever it is.
namespace(issuer) := "every" if {
	issuer.kind == "ClusterIssuer"
} else := overlay.namespace(issuer)

service_type(settings) := settings.serviceType if {
	settings.serviceType != ""
} else := "NodePort"

# A LoadBalancer has node ports, too.
refusing := [quota |
	some found in overlay.of_kind("", "ResourceQuota")
	sprintf("%v", [found.spec.hard["services.nodeports"]]) == "0"
	quota := {"object": overlay.identity(found), "path": ["spec", "hard", "services.nodeports"]}
]

# METADATA
# title: A load balancer is not open to everyone
# description: >-
#   A Service of type LoadBalancer gets a public address in most clouds. Without spec.loadBalancerSourceRanges, or an
#   annotation that makes it internal, everyone may connect.
# custom:
#   kinds: [Service]
#   texts: [LoadBalancer]
#   help: >-
#     Set spec.loadBalancerSourceRanges, make it internal, or use type ClusterIP behind an Ingress or a Gateway.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Service
#       metadata: {name: app}
#       spec: {type: LoadBalancer, loadBalancerSourceRanges: [192.0.2.0/24]}
#     bad: |
#       apiVersion: v1
#       kind: Service
#       metadata: {name: app}
#       spec: {type: LoadBalancer}
package kubevet.services.load_balancer

import rego.v1

# Annotations by which the large providers' load balancers become internal ones.
internal_annotations := {
	"cloud.google.com/load-balancer-type": "internal",
	"networking.gke.io/load-balancer-type": "internal",
	"service.beta.kubernetes.io/aws-load-balancer-internal": "true",
	"service.beta.kubernetes.io/aws-load-balancer-scheme": "internal",
	"service.beta.kubernetes.io/azure-load-balancer-internal": "true",
	"service.beta.kubernetes.io/openstack-internal-load-balancer": "true",
}

deny contains {"msg": "the load balancer is open to everyone", "path": path} if {
	input.kind == "Service"
	input.apiVersion == "v1"
	input.spec.type == "LoadBalancer"
	not is_internal
	open_range
	path := ["spec", "loadBalancerSourceRanges"]
}

is_internal if {
	some name, value in internal_annotations
	lower(input.metadata.annotations[name]) == value
}

open_range if not input.spec.loadBalancerSourceRanges[0]

open_range if input.spec.loadBalancerSourceRanges[_] in {"0.0.0.0/0", "::/0"}

# METADATA
# title: A load balancer is not open to everyone
# description: >-
#   A Service of type LoadBalancer gets a public address in most clouds. Without spec.loadBalancerSourceRanges, or an
#   annotation that says the same or makes it internal, everyone may connect.
# custom:
#   kinds: [Service]
#   texts: [LoadBalancer]
#   fix: true
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

import data.kubevet.lib.fix
import rego.v1

# Annotations by which the large providers' load balancers become internal ones.
internal_annotations := {
	"cloud.google.com/load-balancer-type": "internal",
	"networking.gke.io/load-balancer-type": "internal",
	"oci.oraclecloud.com/load-balancer-internal": "true",
	"service.beta.kubernetes.io/alibaba-cloud-loadbalancer-address-type": "intranet",
	"service.beta.kubernetes.io/aws-load-balancer-internal": "true",
	"service.beta.kubernetes.io/aws-load-balancer-scheme": "internal",
	"service.beta.kubernetes.io/azure-load-balancer-internal": "true",
	"service.beta.kubernetes.io/oci-load-balancer-internal": "true",
	"service.beta.kubernetes.io/openstack-internal-load-balancer": "true",
	"service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type": "private",
}

# Annotations that do what spec.loadBalancerSourceRanges does: ranges or, for AWS, groups that hold them. The first is Kubernetes' own.
range_annotations := {
	"service.beta.kubernetes.io/load-balancer-source-ranges",
	"service.beta.kubernetes.io/aws-load-balancer-security-groups",
	"service.beta.kubernetes.io/azure-allowed-ip-ranges",
	"service.beta.kubernetes.io/azure-allowed-service-tags",
}

# Load balancers that only members of a private network reach.
private_classes := {"tailscale"}

everywhere := {"0.0.0.0/0", "::/0"}

deny contains {"msg": "the load balancer is open to everyone", "path": path, "fix": restrict} if {
	input.kind == "Service"
	input.apiVersion == "v1"
	input.spec.type == "LoadBalancer"
	not is_internal
	open_range
}

# Who made it a load balancer opened it, unless ranges say so.
path := ["spec", "loadBalancerSourceRanges"] if input.spec.loadBalancerSourceRanges

else := ["spec", "type"]

is_internal if {
	some name, value in internal_annotations
	lower(input.metadata.annotations[name]) == value
}

is_internal if input.spec.loadBalancerClass in private_classes

# The legacy annotation takes any word but "false"; ranges of nobody are what it was first meant for.
is_internal if input.metadata.annotations["service.beta.kubernetes.io/aws-load-balancer-internal"] == "0.0.0.0/0"

ranges contains trim_space(range) if some range in input.spec.loadBalancerSourceRanges

ranges contains trim_space(range) if {
	some name in range_annotations
	some range in split(input.metadata.annotations[name], ",")
	trim_space(range) != ""
}

open_range if count(ranges) == 0

open_range if count(ranges & everywhere) > 0

restrict := fix.suggestion("let certain addresses in", [{
	"set": ["spec", "loadBalancerSourceRanges"],
	"value": [fix.choice("addresses that may connect, such as 203.0.113.0/24")],
}])

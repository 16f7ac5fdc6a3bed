# METADATA
# title: The API server serves the object's kind without being told to
# description: >-
#   Kubernetes serves alpha and beta versions of a kind only where the API server's flag --runtime-config turns them on, and
#   mostly a feature gate as well. Everywhere else the object cannot be applied. Judged by the Kubernetes version of
#   --kubernetes-version.
# custom:
#   needs: [facts.schema]
#   help: >-
#     Use the apiVersion that the message names; where the cluster has this one turned on, switch the rule off.
#   examples:
#     good: |
#       apiVersion: storage.k8s.io/v1
#       kind: VolumeAttributesClass
#       metadata: {name: fast}
#       driverName: ebs.csi.example.com
#       parameters: {iops: "4000"}
#     bad: |
#       apiVersion: storage.k8s.io/v1beta1
#       kind: VolumeAttributesClass
#       metadata: {name: fast}
#       driverName: ebs.csi.example.com
#       parameters: {iops: "4000"}
package kubevet.schema.off_by_default

import rego.v1

deny contains {"msg": msg, "path": fact.path} if {
	some fact in input.facts.schema
	fact.reason == "off"
	msg := sprintf("%s %s", [fact.field, fact.message])
}

# METADATA
# title: No Deployment is paused
# description: >-
#   A paused Deployment takes changes and does not roll them out: what runs is no longer what the manifests say.
# custom:
#   kinds: [Deployment]
#   keys: [paused]
#   fix: true
#   help: >-
#     Remove spec.paused.
#   examples:
#     good: |
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: api, namespace: shop}
#       spec: {replicas: 2}
#     bad: |
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: api, namespace: shop}
#       spec: {paused: true}
package kubevet.availability.paused

import data.kubevet.lib.fix
import data.kubevet.lib.workload
import rego.v1

path := ["spec", "paused"]

go_on := fix.suggestion("roll changes out", [{"remove": path}])

deny contains {"msg": "the Deployment is paused, so no change is rolled out", "path": path, "fix": go_on} if {
	input.kind == "Deployment"
	workload.group == "apps"
	input.spec.paused == true
}

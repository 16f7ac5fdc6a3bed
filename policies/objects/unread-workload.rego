# METADATA
# title: Every Pod is where the rules can read it
# description: >-
#   Containers with images in a kind that nobody described run like any others, but no rule on Pods, no NetworkPolicy and no
#   quota was held against them: what looks clean was only not looked at.
# custom:
#   needs: [facts.coverage.unread]
#   help: >-
#     Describe the kind in policies/workloads.yaml, `- {group: example.com, kind: App, as: Deployment}` with `template:` where the
#     Pod template is not at spec.template; or write `leftOut:` with the reason why no rule needs to look into it.
#   examples:
#     good: |
#       apiVersion: apps/v1
#       kind: Deployment
#       metadata: {name: web, namespace: shop}
#       spec: {template: {spec: {containers: [{name: web, image: registry.shop.example/web:1}]}}}
#     bad: |
#       apiVersion: example.com/v1
#       kind: App
#       metadata: {name: web, namespace: shop}
#       spec: {template: {spec: {containers: [{name: web, image: registry.shop.example/web:1}]}}}
package kubevet.objects.unread_workload

import rego.v1

deny contains {"msg": msg, "path": path} if {
	path := input.facts.coverage.unread[_]
	msg := sprintf("this looks like a Pod, but no rule on Pods can read it: policies/workloads.yaml has no row for %s of %s", [input.kind, input.apiVersion])
}

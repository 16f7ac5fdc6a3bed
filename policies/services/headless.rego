# METADATA
# title: A StatefulSet has a headless Service
# description: >-
#   A StatefulSet's Pods get their names (POD.SERVICE.NAMESPACE.svc) from the Service that serviceName names, and only a
#   headless one (clusterIP: None) makes them.
# custom:
#   scope: overlay
#   kinds: [StatefulSet]
#   help: >-
#     Set clusterIP: None on that Service (a new one, as the field cannot be changed), and keep another for clients.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Service
#       metadata: {name: db, namespace: shop}
#       spec: {clusterIP: None}
#       ---
#       apiVersion: apps/v1
#       kind: StatefulSet
#       metadata: {name: db, namespace: shop}
#       spec: {serviceName: db}
#     bad: |
#       apiVersion: v1
#       kind: Service
#       metadata: {name: db, namespace: shop}
#       spec: {ports: [{port: 5432}]}
#       ---
#       apiVersion: apps/v1
#       kind: StatefulSet
#       metadata: {name: db, namespace: shop}
#       spec: {serviceName: db}
package kubevet.services.headless

import data.kubevet.lib.overlay
import rego.v1

# A Service that is not in the overlay is not judged here.
deny contains {"msg": msg, "path": ["spec", "serviceName"], "object": overlay.identity(set), "related": related} if {
	some set in overlay.of_kind("apps", "StatefulSet")
	some place in [overlay.key(overlay.namespace(set), [set.spec.serviceName])]
	some service in services[place]
	not service.spec.clusterIP == "None"
	msg := sprintf("Service %s is not headless, so the Pods get no names of their own", [set.spec.serviceName])
	related := [{"object": overlay.identity(service), "path": ["spec", "clusterIP"], "note": "this Service"}]
}

services[place] contains service if {
	some service in overlay.of_kind("", "Service")
	place := overlay.key(overlay.namespace(service), [overlay.name(service)])
}

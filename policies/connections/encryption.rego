# METADATA
# title: Every data store speaks TLS
# description: >-
#   What crosses the network in the clear, passwords included, is there to read for whoever sees the packets: the network
#   plugin, the cloud, a Pod with the right capability. Looked at are Kafka's listeners (Strimzi's and those of the image
#   apache/kafka), Redis, Valkey, Qdrant and PostgreSQL, in their own images; not those whose settings lie in a Secret,
#   nor those that only listen on the loopback interface.
# custom:
#   texts: [kafka, postgres, qdrant, redis, valkey]
#   scope: overlay
#   help: >-
#     Kafka: `tls: true` on the listener. Redis: `tls-port 6379` and `port 0`. Qdrant: QDRANT__SERVICE__ENABLE_TLS.
#     PostgreSQL: `ssl=on`. cert-manager can make the certificates. Where a service mesh encrypts instead, turn this off.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: cache}
#       spec: {containers: [{name: redis, image: "redis:7.4", args: [--port, "0", --tls-port, "6379"]}]}
#     bad: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: cache}
#       spec: {containers: [{name: redis, image: "redis:7.4", args: [--requirepass, $(PASSWORD)]}]}
package kubevet.connections.encryption

import data.kubevet.lib.store
import rego.v1

deny contains {"msg": msg, "path": door.path, "object": door.object} if {
	some door in store.doors
	not "encryption" in door.has
	msg := sprintf("%s takes connections without TLS", [door.label])
}

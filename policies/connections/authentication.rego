# METADATA
# title: Every data store asks who connects
# description: >-
#   Without a password or a certificate whoever reaches the port reads and changes everything, and a NetworkPolicy, a
#   port-forward or another Pod of the node is all that stands between. Looked at are Kafka's listeners (Strimzi's and
#   those of the image apache/kafka), Redis, Valkey and Qdrant, in their own images; not those whose settings lie in a
#   Secret, nor those that only listen on the loopback interface.
# custom:
#   texts: [kafka, postgres, qdrant, redis, valkey]
#   scope: overlay
#   help: >-
#     Kafka: `authentication` on the listener. Redis: `requirepass` or `aclfile`. Qdrant: QDRANT__SERVICE__API_KEY from a
#     Secret. Where a client can't log in, keep its traffic to it with a NetworkPolicy and waive this, with a reason.
#   examples:
#     good: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: cache}
#       spec: {containers: [{name: redis, image: "redis:7.4", args: [--requirepass, $(PASSWORD)]}]}
#     bad: |
#       apiVersion: v1
#       kind: Pod
#       metadata: {name: cache}
#       spec: {containers: [{name: redis, image: "redis:7.4", args: [--appendonly, "yes"]}]}
package kubevet.connections.authentication

import data.kubevet.lib.store
import rego.v1

deny contains {"msg": msg, "path": door.path, "object": door.object} if {
	some door in store.doors
	not "authentication" in door.has
	msg := sprintf("%s lets in whoever reaches it", [door.label])
}

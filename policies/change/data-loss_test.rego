package kubevet.change.data_loss_test

import data.kubevet.change.data_loss
import rego.v1

claim := {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "namespace": "shop", "name": "data"}

topic := {"apiVersion": "kafka.strimzi.io/v1", "kind": "KafkaTopic", "namespace": "shop", "name": "orders"}

messages(change) := found if {
	found := {result.msg | some result in data_loss.deny} with input as {"facts": {"change": {"objects": [change]}}}
}

test_fail_removed_and_renamed if {
	messages({"change": "removed", "object": claim, "fields": []}) == {"it goes, and with it its volume and the data on it"}
	messages({"change": "renamed", "object": object.union(topic, {"name": "b"}), "was": topic, "fields": []}) == {"it goes, and with it the records in it"}
}

test_fail_reclaim_policy if {
	field := {"path": ["spec", "persistentVolumeReclaimPolicy"], "old": "Retain", "new": "Delete"}
	change := {"change": "changed", "object": claim, "fields": [field]}
	messages(change) == {"persistentVolumeReclaimPolicy is Delete now, so the data goes with what uses it"}
}

test_pass_what_stays_or_holds_nothing if {
	count(messages({"change": "changed", "object": claim, "fields": []})) == 0
	count(messages({"change": "removed", "object": object.union(topic, {"kind": "KafkaUser"}), "fields": []})) == 0
	count(messages({"change": "added", "object": claim, "fields": []})) == 0
}

package kubevet.change.flows_test

import data.kubevet.change.flows
import rego.v1

policy := {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "namespace": "shop", "name": "db"}

change := {
	"object": policy,
	"path": ["spec", "ingress", 0],
	"flows": ["Deployment web → StatefulSet db TCP 5432"],
	"more": 0,
	"pairs": 1,
	"needed": [],
	"moreNeeded": 0,
	"unguarded": false,
	"newcomers": false,
	"world": false,
}

messages(facts) := found if {
	found := {result.msg | some result in flows.deny} with input as {"facts": {"change": {"flows": object.union({"opened": [], "cut": [], "uncompared": null}, facts)}}}
}

test_fail_opened if {
	messages({"opened": [change]}) == {"it opens Deployment web → StatefulSet db TCP 5432, which no configuration asks for"}
	messages({"opened": [object.union(change, {"needed": change.flows})]}) == {"it opens Deployment web → StatefulSet db TCP 5432"}
	messages({"opened": [object.union(change, {"needed": ["a → b TCP 1"], "more": 2})]}) == {"it opens Deployment web → StatefulSet db TCP 5432 and 2 more; of that, configuration asks for a → b TCP 1"}
}

test_fail_to_the_world if {
	messages({"opened": [object.union(change, {"flows": ["Deployment web → any address all ports"], "world": true})]}) == {"it opens Deployment web → any address all ports"}
}

test_fail_new_and_not_isolated if {
	messages({"opened": [object.union(change, {"flows": ["any address → Deployment web all ports"], "world": true, "unguarded": true})]}) == {"it is new, and not isolated by the policies of its namespace: it opens any address → Deployment web all ports"}
	count(messages({"cut": [object.union(change, {"newcomers": true})]})) == 0
}

test_fail_not_all_compared if {
	messages({"uncompared": {"object": policy, "path": [], "pairs": 7}}) == {"what it opens or cuts is not known for 7 pairs of workloads: there are too many to compare"}
}

test_fail_cut if {
	messages({"cut": [change]}) == {"it cuts Deployment web → StatefulSet db TCP 5432"}
	messages({"cut": [object.union(change, {"needed": ["a → b TCP 1"]})]}) == {"it cuts what configuration asks for: a → b TCP 1"}
	messages({"cut": [object.union(change, {"needed": ["a → b TCP 1"], "moreNeeded": 2})]}) == {"it cuts what configuration asks for: a → b TCP 1 and 2 more"}
}

test_pass_where_all_is_as_it_was if {
	count(messages({})) == 0
}

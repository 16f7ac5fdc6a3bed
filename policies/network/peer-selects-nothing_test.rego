package kubevet.network.peer_selects_nothing_test

import data.kubevet.network.peer_selects_nothing
import rego.v1

policy(peers) := {"kind": "NetworkPolicy", "facts": {"network": {"policy": {"selectsNothing": false, "emptyPeers": peers, "world": []}}}}

test_pass_where_all_peers_select_something if {
	count(peer_selects_nothing.deny) == 0 with input as policy([])
}

test_fail_at_the_peer if {
	path := ["spec", "ingress", 0, "from", 1]
	peer_selects_nothing.deny == {{"msg": "peer selects no workload", "path": path}} with input as policy([path])
}

test_silent_without_facts if {
	count(peer_selects_nothing.deny) == 0 with input as {"kind": "NetworkPolicy"}
}

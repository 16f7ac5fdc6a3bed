package soma.authz_test

import rego.v1

import data.soma.authz

test_http_requests if {
	authz.allow with input as {"method": "POST", "path": "/store"}
	not authz.allow with input as {"method": "TRACE", "path": "/store"}
}

test_actions_of_a_user if {
	authz.allow with input as {"user": "alice", "action": "read"}
	not authz.allow with input as {"user": "alice", "action": "purge"}
	not authz.allow with input as {"user": "", "action": "read"}
	not authz.allow with input as {"action": "read"}
}

test_the_answer_is_always_a_boolean if {
	authz.allow == false with input as {}
}

package somabrain.auth_test

import rego.v1

import data.somabrain.auth

test_both_modes_answer_with_a_boolean if {
	auth.allow == true with input as {"method": "GET", "path": "/health"}
	auth.allow_dev == true with input as {"method": "GET", "path": "/health"}
	auth.allow == false with input as {"method": "TRACE", "path": "/health"}
	auth.allow_dev == false with input as {"method": "TRACE", "path": "/health"}
}

package soma_test

import rego.v1

test_the_answer_is_an_object if {
	data.soma.allow == {"allow": true, "reasons": []} with input as {"method": "GET", "path": "/health"}
}

test_a_denial_is_an_object_with_its_reasons if {
	answer := data.soma.allow with input as {"method": "POST", "path": "/opa/policy"} with data.settings.administration as false
	answer == {"allow": false, "reasons": ["/opa/policy is administration, which is switched off here"]}
}

test_no_input_is_a_denial_and_not_undefined if {
	data.soma.allow.allow == false with input as {}
}

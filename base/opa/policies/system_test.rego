package system.authz_test

import rego.v1

import data.system.authz

test_questions_may_be_asked if {
	every question in authz.questions {
		authz.allow with input as {"method": "POST", "path": array.concat(["v1", "data"], question)}
	}
}

test_health_and_metrics_may_be_read if {
	authz.allow with input as {"method": "GET", "path": ["health"]}
	authz.allow with input as {"method": "GET", "path": ["metrics"]}
	not authz.allow with input as {"method": "POST", "path": ["metrics"]}
}

test_nothing_may_be_changed if {
	every method in ["PUT", "PATCH", "DELETE"] {
		not authz.allow with input as {"method": method, "path": ["v1", "data", "soma", "allow"]}
		not authz.allow with input as {"method": method, "path": ["v1", "policies", "soma"]}
	}
}

test_nothing_else_may_be_read if {
	every path in [["v1", "policies"], ["v1", "data"], ["v1", "data", "settings"], ["v1", "config"], ["v1", "query"], ["v1", "compile"], []] {
		not authz.allow with input as {"method": "GET", "path": path}
		not authz.allow with input as {"method": "POST", "path": path}
	}
}

package stack.requests_test

import rego.v1

import data.stack.requests

test_health_and_metrics_are_always_allowed if {
	every path in ["/", "/health", "/healthz", "/metrics", "/openapi.json", "/docs"] {
		requests.allow with input as {"method": "GET", "path": path}
		requests.allow with input as {"method": "HEAD", "path": path}
	}
}

test_the_api_is_allowed if {
	every path in ["/remember", "/recall", "/plan/suggest", "/graph/links", "/persona/42", "/constitution/validate", "/rag/retrieve"] {
		requests.allow with input as {"method": "POST", "path": path, "json": {"payload": {}}}
	}
}

test_a_body_of_any_kind_is_no_obstacle if {
	every body in [null, [], "text", 1, {}] {
		requests.allow with input as {"method": "POST", "path": "/remember", "json": body}
	}
}

test_public_paths_are_read_only if {
	not requests.allow with input as {"method": "POST", "path": "/metrics"}
	requests.reasons == {"/metrics is read-only"} with input as {"method": "POST", "path": "/metrics"}
}

# What each version of the application has, and base/README.md says is refused.
administrative := [
	"/opa/policy", "/constitution/load", "/constitution/load/", "/migrate/export", "/migrate", "/MIGRATE/export", "/memory/admin/rebuild-ann",
	"/memory/cutover/execute", "/config/cutover/open", "/config/memory", "/features/disable", "/context/adaptation/reset", "/admin/x",
]

test_administration_is_off if {
	every path in administrative {
		not requests.allow with input as {"method": "POST", "path": path} with data.settings.administration as false
	}
}

test_administration_can_be_switched_on if {
	every path in administrative {
		requests.allow with input as {"method": "POST", "path": path} with data.settings.administration as true
	}
}

test_administration_needs_a_true_and_nothing_like_it if {
	every value in ["true", 1, null, "yes"] {
		not requests.allow with input as {"method": "POST", "path": "/opa/policy"} with data.settings.administration as value
	}
}

test_a_similar_path_is_not_administration if {
	requests.allow with input as {"method": "GET", "path": "/migrated"} with data.settings.administration as false
	every path in ["/constitution/version", "/memory/recall", "/context/adaptation/state", "/configuration"] {
		requests.allow with input as {"method": "GET", "path": path} with data.settings.administration as false
	}
}

test_disguised_paths_are_refused if {
	every path in ["//migrate/export", "/x/../migrate/export", "/%6digrate", "migrate/export", "/./opa/policy", "\\opa\\policy", ""] {
		not requests.allow with input as {"method": "POST", "path": path}
	}
}

test_odd_methods_are_refused if {
	every method in ["TRACE", "CONNECT", "FOO", ""] {
		not requests.allow with input as {"method": method, "path": "/recall"}
	}
}

test_incomplete_questions_are_refused if {
	every question in [{}, {"path": "/recall"}, {"method": "GET"}, {"method": 1, "path": "/recall"}, {"method": "GET", "path": null}] {
		not requests.allow with input as question
	}
}

# METADATA
# title: Who may use OPA's own API (--authorization=basic)
# description: |
#   Clients cannot log in, so everyone on the network may ask questions of the packages above, and see health and metrics.
#   Nobody may read or change policies and data, which come from the ConfigMap alone.
package system.authz

import rego.v1

questions := {["soma", "allow"], ["soma", "policy", "allow"], ["soma", "authz", "allow"], ["somabrain", "auth", "allow"], ["somabrain", "auth", "allow_dev"]}

default allow := false

allow if {
	input.method in {"GET", "HEAD"}
	input.path in [["health"], ["metrics"]]
}

allow if {
	input.method in {"GET", "POST"}
	array.slice(input.path, 0, 2) == ["v1", "data"]
	array.slice(input.path, 2, count(input.path)) in questions
}

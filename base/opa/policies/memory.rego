# METADATA
# title: soma/authz/allow, the question of the memory service
# description: |
#   A boolean. The service asks about HTTP requests, or about actions of a user ({"user": …, "action": "read"}).
package soma.authz

import rego.v1

import data.stack.requests

actions := {"read", "write", "store", "remember", "recall", "search", "link", "delete", "stats"}

default allow := false

allow if {
	"path" in object.keys(input)
	requests.allow
}

allow if {
	not "path" in object.keys(input)
	input.action in actions
	input.user != ""
}

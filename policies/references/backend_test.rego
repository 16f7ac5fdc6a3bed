package kubevet.references.backend_test

import data.kubevet.references.backend
import rego.v1

object(dangling) := {"kind": "Ingress", "spec": {"name": dangling.name}, "facts": {"dangling": [dangling]}}

test_fail_where_the_service_is_missing if {
	backend.deny == {{
		"msg": "Service shop/wbe does not exist; did you mean web?",
		"path": ["spec", "name"],
		"fix": [{"title": `name "web"`, "edits": [{"set": ["spec", "name"], "value": "web"}]}],
	}} with input as object({"kind": "Service", "namespace": "shop", "name": "wbe", "similar": "web", "path": ["spec", "name"]})
}

test_fail_where_the_port_is_missing if {
	backend.deny == {{"msg": "Service shop/web has no port 81", "path": ["spec", "number"], "fix": []}} with input as object({"kind": "Service", "namespace": "shop", "name": "web", "port": "81", "path": ["spec", "number"]})
}

numbered(port) := {
	"kind": "Ingress",
	"spec": {"port": 81},
	"facts": {"dangling": [{"kind": "Service", "namespace": "shop", "name": "web", "port": "81", "similar": port, "path": ["spec", "port"]}]},
}

test_offers_the_only_port_as_a_number if {
	some found in backend.deny with input as numbered("80")
	found.fix == [{"title": "lead to the port 80", "edits": [{"set": ["spec", "port"], "value": 80}]}]
}

test_pass_for_certificates if {
	count(backend.deny) == 0 with input as object({"kind": "Secret", "namespace": "shop", "name": "web", "path": ["spec"]})
}

test_silent_without_facts if {
	count(backend.deny) == 0 with input as {"kind": "Ingress"}
}

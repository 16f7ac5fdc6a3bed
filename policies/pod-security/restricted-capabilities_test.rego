package kubevet.pod_security.restricted_capabilities_test

import data.kubevet.pod_security.restricted_capabilities
import rego.v1

pod(spec) := {"apiVersion": "v1", "kind": "Pod", "spec": spec}

container(settings) := pod({"containers": [object.union({"name": "app"}, settings)]})

capabilities(values) := container({"securityContext": {"capabilities": values}})

test_fail_missing if {
	restricted_capabilities.deny == {{
		"msg": `container "app" does not drop ALL capabilities`,
		"path": ["spec", "containers", 0, "securityContext", "capabilities", "drop"],
		"fix": {"title": "drop ALL capabilities", "safe": false, "edits": [{"add": ["spec", "containers", 0, "securityContext", "capabilities", "drop"], "value": "ALL"}]},
	}} with input as container({})
}

test_fail_lower_case_or_others if {
	count(restricted_capabilities.deny) == 1 with input as capabilities({"drop": ["all"]})
	count(restricted_capabilities.deny) == 1 with input as capabilities({"drop": ["NET_RAW"]})
}

test_fail_adds_a_default_one if {
	restricted_capabilities.deny == {{
		"msg": `container "app" adds the capability CHOWN`,
		"path": ["spec", "containers", 0, "securityContext", "capabilities", "add", 0],
		"fix": {"title": "run without CHOWN", "edits": [{"remove": ["spec", "containers", 0, "securityContext", "capabilities", "add", 0]}]},
	}} with input as capabilities({"drop": ["ALL"], "add": ["CHOWN"]})
}

test_pass_left_to_baseline if count(restricted_capabilities.deny) == 0 with input as capabilities({"drop": ["ALL"], "add": ["SYS_ADMIN"]})

test_pass if {
	count(restricted_capabilities.deny) == 0 with input as capabilities({"drop": ["ALL"]})
	count(restricted_capabilities.deny) == 0 with input as capabilities({"drop": ["NET_RAW", "ALL"], "add": ["NET_BIND_SERVICE"]})
}

test_pass_windows if count(restricted_capabilities.deny) == 0 with input as pod({"os": {"name": "windows"}, "containers": [{"name": "a"}]})

test_fix_is_safe_where_there_are_none if {
	settings := {"runAsUser": 1000, "allowPrivilegeEscalation": false}
	some finding in restricted_capabilities.deny with input as container({"securityContext": settings})
	finding.fix.safe
	every missing in ["runAsUser", "allowPrivilegeEscalation"] {
		some other in restricted_capabilities.deny with input as container({"securityContext": object.remove(settings, [missing])})
		not other.fix.safe
	}
}

package kubevet.pod_security.restricted_privilege_escalation_test

import data.kubevet.pod_security.restricted_privilege_escalation
import rego.v1

pod(spec) := {"apiVersion": "v1", "kind": "Pod", "spec": spec}

container(settings) := pod({"containers": [object.union({"name": "app"}, settings)]})

escalation(value) := container({"securityContext": {"allowPrivilegeEscalation": value}})

test_fail_missing if {
	restricted_privilege_escalation.deny == {{
		"msg": `container "app" does not set allowPrivilegeEscalation: false`,
		"path": ["spec", "containers", 0, "securityContext", "allowPrivilegeEscalation"],
		"fix": [{"title": "forbid that privileges grow", "edits": [{"set": ["spec", "containers", 0, "securityContext", "allowPrivilegeEscalation"], "value": false}]}],
	}} with input as container({})
}

test_fail_true_or_null if {
	count(restricted_privilege_escalation.deny) == 1 with input as escalation(true)
	count(restricted_privilege_escalation.deny) == 1 with input as escalation(null)
}

test_fail_init_container if count(restricted_privilege_escalation.deny) == 1 with input as pod({"initContainers": [{"name": "a"}]})

test_pass if count(restricted_privilege_escalation.deny) == 0 with input as escalation(false)

test_pass_windows if count(restricted_privilege_escalation.deny) == 0 with input as pod({"os": {"name": "windows"}, "containers": [{"name": "a"}]})

test_no_fix_of_a_privileged_container if {
	some finding in restricted_privilege_escalation.deny with input as container({"securityContext": {"privileged": true}})
	finding.fix == []
}

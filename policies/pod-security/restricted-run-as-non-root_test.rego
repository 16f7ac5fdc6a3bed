package kubevet.pod_security.restricted_run_as_non_root_test

import data.kubevet.pod_security.restricted_run_as_non_root
import rego.v1

pod(spec) := {"apiVersion": "v1", "kind": "Pod", "spec": spec}

container(settings) := pod({"containers": [object.union({"name": "app"}, settings)]})

context(value) := {"securityContext": {"runAsNonRoot": value}}

test_fail_nowhere if {
	restricted_run_as_non_root.deny == {{
		"msg": `container "app" has no runAsNonRoot: true, nor has the Pod`,
		"path": ["spec", "containers", 0, "securityContext", "runAsNonRoot"],
		"fix": [
			{"title": "refuse to run as root in the whole Pod", "safe": false, "edits": [{"set": ["spec", "securityContext", "runAsNonRoot"], "value": true}]},
			{"title": "refuse to run as root", "safe": false, "edits": [{"set": ["spec", "containers", 0, "securityContext", "runAsNonRoot"], "value": true}]},
		],
	}} with input as container({})
}

test_fail_container_says_false if {
	some finding in restricted_run_as_non_root.deny with input as pod(object.union(context(true), {"containers": [object.union({"name": "app"}, context(false))]}))
	finding.msg == `container "app" has runAsNonRoot: false`
}

test_fail_pod_says_false_though_containers_say_true if {
	restricted_run_as_non_root.deny == {{
		"msg": "the Pod has runAsNonRoot: false",
		"path": ["spec", "securityContext", "runAsNonRoot"],
		"fix": {"title": "run as another user than root", "edits": [{"set": ["spec", "securityContext", "runAsNonRoot"], "value": true}]},
	}} with input as pod(object.union(
		context(false),
		{"containers": [object.union({"name": "app"}, context(true))]},
	))
}

test_pass if {
	count(restricted_run_as_non_root.deny) == 0 with input as pod(object.union(context(true), {"containers": [{"name": "app"}]}))
	count(restricted_run_as_non_root.deny) == 0 with input as container(context(true))
}

test_pass_user_namespace if {
	namespaced := pod({"hostUsers": false, "containers": [{"name": "app"}]})
	count(restricted_run_as_non_root.deny) == 0 with input as namespaced
	count(restricted_run_as_non_root.deny) == 1 with input as namespaced with data.environment as {"parameters": {"kubernetesVersion": "1.33"}}
}

test_windows_is_not_exempt if count(restricted_run_as_non_root.deny) == 1 with input as pod({"os": {"name": "windows"}, "containers": [{"name": "app"}]})

test_fix_is_safe_with_the_number_of_a_user if {
	some finding in restricted_run_as_non_root.deny with input as container({"securityContext": {"runAsUser": 1000}})
	[proposed.safe | some proposed in finding.fix] == [true, true]
}

test_fix_leaves_a_container_that_is_root_alone if {
	containers := [{"name": "app"}, {"name": "root", "securityContext": {"runAsUser": 0, "runAsNonRoot": false}}]
	titles := {proposed.title |
		some finding in restricted_run_as_non_root.deny with input as pod({"containers": containers})
		finding.path[2] == 0
		some proposed in finding.fix
	}
	titles == {"refuse to run as root"}
}

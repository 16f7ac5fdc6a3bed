package kubevet.pod_security.restricted_run_as_user_test

import data.kubevet.pod_security.restricted_run_as_user
import rego.v1

pod(spec) := {"apiVersion": "v1", "kind": "Pod", "spec": spec}

container(settings) := pod({"containers": [object.union({"name": "app"}, settings)]})

context(user) := {"securityContext": {"runAsUser": user}}

test_fail if {
	restricted_run_as_user.deny == {{
		"msg": "the Pod has runAsUser: 0",
		"path": ["spec", "securityContext", "runAsUser"],
		"fix": {"title": "run as another user than root", "edits": [{"set": ["spec", "securityContext", "runAsUser"], "value": "<kubevet: the number of another user, such as 1000>"}]},
	}} with input as pod(context(0))
	count(restricted_run_as_user.deny) == 1 with input as container(context(0))
}

test_pass if {
	count(restricted_run_as_user.deny) == 0 with input as pod(context(10001))
	count(restricted_run_as_user.deny) == 0 with input as container(context(null))
	count(restricted_run_as_user.deny) == 0 with input as container({})
}

test_pass_user_namespace if {
	namespaced := pod(object.union(context(0), {"hostUsers": false}))
	count(restricted_run_as_user.deny) == 0 with input as namespaced
	count(restricted_run_as_user.deny) == 1 with input as namespaced with data.environment as {"parameters": {"kubernetesVersion": "1.33"}}
}

package kubevet.service_accounts.token_test

import data.kubevet.service_accounts.token
import rego.v1

account(automount) := {
	"apiVersion": "v1",
	"kind": "ServiceAccount",
	"metadata": {"name": "app", "namespace": "shop"},
	"automountServiceAccountToken": automount,
}

workload(spec) := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {"name": "app", "namespace": "shop"},
	"spec": {"template": {"spec": object.union({"serviceAccountName": "app"}, spec)}},
}

test_fail if {
	token.deny == {{
		"msg": "a token of ServiceAccount app is mounted, though nothing asks for it",
		"path": ["spec", "template", "spec", "automountServiceAccountToken"],
		"fix": [{"title": "mount no token in the Pod", "edits": [{"set": ["spec", "template", "spec", "automountServiceAccountToken"], "value": false}]}],
		"object": {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "shop", "name": "app"},
	}} with input as {"objects": [workload({})]}
}

test_fail_account_of_another_namespace if {
	other := object.union(account(false), {"metadata": {"name": "app", "namespace": "other"}})
	count(token.deny) == 1 with input as {"objects": [other, workload({})]}
}

test_pass_bound if {
	binding := {
		"apiVersion": "rbac.authorization.k8s.io/v1",
		"kind": "ClusterRoleBinding",
		"subjects": [{"kind": "ServiceAccount", "name": "app", "namespace": "shop"}],
	}
	count(token.deny) == 0 with input as {"objects": [binding, workload({})]}
}

test_pass if {
	count(token.deny) == 0 with input as {"objects": [account(false), workload({})]}
	count(token.deny) == 0 with input as {"objects": [workload({"automountServiceAccountToken": false})]}
	count(token.deny) == 0 with input as {"objects": [workload({"automountServiceAccountToken": true})]}
	count(token.deny) == 0 with input as {"objects": [account(true), workload({})]}
}

test_pass_older_name_of_the_account if {
	older := {
		"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "app", "namespace": "shop"},
		"spec": {"serviceAccount": "app"},
	}
	count(token.deny) == 0 with input as {"objects": [account(false), older]}
	count(token.deny) == 1 with input as {"objects": [older]}
	other := workload({"serviceAccount": "other"})
	count(token.deny) == 0 with input as {"objects": [account(false), other]}
}

test_fix_of_an_account_that_is_there if {
	undecided := object.remove(account(false), ["automountServiceAccountToken"])
	some finding in token.deny with input as {"objects": [undecided, workload({})]}
	finding.fix[0] == {"title": "mount no token of the ServiceAccount", "edits": [{
		"object": {"apiVersion": "v1", "kind": "ServiceAccount", "namespace": "shop", "name": "app"},
		"set": ["automountServiceAccountToken"],
		"value": false,
	}]}
	count(finding.fix) == 2
}

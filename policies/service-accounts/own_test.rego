package kubevet.service_accounts.own_test

import data.kubevet.service_accounts.own
import rego.v1

pod(spec) := {"apiVersion": "v1", "kind": "Pod", "spec": spec}

test_fail if {
	own.deny == {{
		"msg": "the Pod runs as the namespace's default ServiceAccount",
		"path": ["spec", "serviceAccountName"],
		"fix": [],
	}} with input as pod({})
	count(own.deny) == 1 with input as pod({"serviceAccountName": "default"})
	count(own.deny) == 1 with input as pod({"serviceAccountName": null})
}

test_pass if {
	count(own.deny) == 0 with input as pod({"serviceAccountName": "app"})
	count(own.deny) == 0 with input as pod({"serviceAccount": "app"})
}

test_pass_other_kinds if count(own.deny) == 0 with input as {"apiVersion": "v1", "kind": "Service", "spec": {}}

test_fix if {
	app := object.union(pod({"serviceAccount": "default"}), {"metadata": {"name": "app", "namespace": "shop", "labels": {"app": "app"}}})
	some finding in own.deny with input as app
	named := [{"set": ["spec", "serviceAccountName"], "value": "app"}, {"remove": ["spec", "serviceAccount"]}]
	account := {
		"apiVersion": "v1",
		"kind": "ServiceAccount",
		"metadata": {"name": "app", "namespace": "shop"},
		"automountServiceAccountToken": false,
	}
	finding.fix == [
		{"title": "run as a ServiceAccount of its own", "edits": array.concat(named, [{"create": account}])},
		{"title": "run as the ServiceAccount of its name", "edits": named},
	]
}

package kubevet.change.rights_test

import data.kubevet.change.rights
import rego.v1

role := {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "namespace": "shop", "name": "web"}

grant := {
	"object": role,
	"path": ["rules", 0],
	"subjects": ["ServiceAccount shop/web"],
	"moreSubjects": 0,
	"bound": true,
	"namespace": "shop",
	"rights": [{"text": "get secrets", "danger": "reads Secrets"}, {"text": "get pods"}],
	"more": 0,
}

messages(grant) := found if {
	found := {result.msg | some result in rights.deny} with input as {"facts": {"change": {"rights": {"granted": [grant]}}}}
}

test_fail_in_a_namespace if {
	messages(grant) == {"ServiceAccount shop/web may now, in namespace shop: get secrets (reads Secrets); get pods"}
}

test_fail_in_the_cluster if {
	messages(object.union(grant, {
		"namespace": null,
		"moreSubjects": 2,
		"more": 3,
		"rights": [{"text": "do anything with everything", "danger": "everything"}],
	})) == {"ServiceAccount shop/web and 2 more may now, in the whole cluster: do anything with everything (everything) and 3 more"}
}

test_fail_dangerous_though_nobody_is_bound if {
	count(messages(object.union(grant, {"bound": false}))) == 1
}

test_pass_harmless_and_nobody_is_bound if {
	count(messages(object.union(grant, {"bound": false, "rights": [{"text": "get pods"}]}))) == 0
}

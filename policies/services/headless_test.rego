package kubevet.services.headless_test

import data.kubevet.services.headless
import rego.v1

service(spec) := {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "db", "namespace": "shop"}, "spec": spec}

stateful_set := {
	"apiVersion": "apps/v1",
	"kind": "StatefulSet",
	"metadata": {"name": "db", "namespace": "shop"},
	"spec": {"serviceName": "db"},
}

test_fail if {
	some finding in headless.deny with input as {"objects": [service({}), stateful_set]}
	finding.msg == "Service db is not headless, so the Pods get no names of their own"
	finding.object.kind == "StatefulSet"
	finding.related[0].object.kind == "Service"
}

test_pass if {
	count(headless.deny) == 0 with input as {"objects": [service({"clusterIP": "None"}), stateful_set]}
	count(headless.deny) == 0 with input as {"objects": [stateful_set]}
}

test_pass_service_of_another_namespace if {
	other := object.union(service({}), {"metadata": {"namespace": "other"}})
	count(headless.deny) == 0 with input as {"objects": [other, stateful_set]}
}

test_two_of_one_name_are_both_looked_at if {
	count(headless.deny) == 1 with input as {"objects": [service({}), service({"clusterIP": "None"}), stateful_set]}
}

package kubevet.services.link_clash_test

import data.kubevet.services.link_clash
import rego.v1

service := {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "sb-brain", "namespace": "shop"}}

workload(spec, variables) := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {"name": "sb-brain", "namespace": "shop"},
	"spec": {"template": {"spec": object.union(
		{"containers": [{"name": "brain", "env": [{"name": variable, "value": "1"} | some variable in variables]}]},
		spec,
	)}},
}

test_fail if {
	some finding in link_clash.deny with input as {"objects": [service, workload({}, ["SB_BRAIN_WORKERS"])]}
	finding.msg == `container "brain" has variables that begin with SB_BRAIN_, and the Service of that name injects SB_BRAIN_PORT`
	finding.path == ["spec", "template", "spec", "enableServiceLinks"]
}

test_pass_links_off if {
	count(link_clash.deny) == 0 with input as {"objects": [service, workload({"enableServiceLinks": false}, ["SB_BRAIN_WORKERS"])]}
}

test_pass_port_set if {
	count(link_clash.deny) == 0 with input as {"objects": [service, workload({}, ["SB_BRAIN_WORKERS", "SB_BRAIN_PORT"])]}
}

test_fail_host_without_port if {
	client := object.union(workload({}, ["SB_BRAIN_HOST"]), {"metadata": {"name": "client"}})
	count(link_clash.deny) == 1 with input as {"objects": [service, client]}
}

test_pass_address_of_another if {
	client := object.union(workload({}, ["SB_BRAIN_URL"]), {"metadata": {"name": "client"}})
	count(link_clash.deny) == 0 with input as {"objects": [service, client]}
}

test_pass_other_variables if {
	count(link_clash.deny) == 0 with input as {"objects": [service, workload({}, ["SB_BRAINS", "MODE"])]}
	count(link_clash.deny) == 0 with input as {"objects": [workload({}, ["SB_BRAIN_WORKERS"])]}
}

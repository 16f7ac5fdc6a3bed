package kubevet.admission.policy_test

import data.kubevet.admission.policy
import rego.v1

definition := {
	"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicy",
	"namespace": null, "name": "few.example.com",
}

denial := {
	"policy": "few.example.com", "binding": "few", "message": "at most 3 replicas", "path": ["spec", "replicas"], "denies": true,
	"expression": "object.spec.replicas <= 3", "at": ["spec", "validations", 0, "expression"], "definition": definition,
}

test_fail_under_the_name_of_the_policy if {
	some finding in policy.deny with input as {"facts": {"admission": [denial]}}
	finding.policy == "few.example.com"
	finding.msg == "at most 3 replicas"
	finding.warns == false
	finding.related[0].object == definition
}

test_fail_as_a_warning if {
	some finding in policy.deny with input as {"facts": {"admission": [object.union(denial, {"denies": false, "definition": null})]}}
	finding.warns == true
	finding.related == []
}

test_pass_where_nothing_is_wrong if {
	count(policy.deny) == 0 with input as {"facts": {"admission": []}}
}

test_silent_without_facts if {
	count(policy.deny) == 0 with input as {"kind": "Deployment"}
}

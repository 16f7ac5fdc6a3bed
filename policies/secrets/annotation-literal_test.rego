package kubevet.secrets.annotation_literal_test

import data.kubevet.secrets.annotation_literal
import rego.v1

service(name, value) := {"apiVersion": "v1", "kind": "Service", "metadata": {"annotations": {name: value}}}

test_fail if {
	annotation_literal.deny == {{
		"msg": "annotation example.com/api-token is a credential written in plain text",
		"path": ["metadata", "annotations", "example.com/api-token"],
	}} with input as service("example.com/api-token", "hunter2")
}

test_fail_in_pod_template if {
	template := {"metadata": {"annotations": {"db.password": "hunter2"}}, "spec": {}}
	count(annotation_literal.deny) == 1 with input as {"apiVersion": "apps/v1", "kind": "Deployment", "spec": {"template": template}}
}

test_fail_last_applied_secret if {
	count(annotation_literal.deny) == 1 with input as {
		"apiVersion": "v1",
		"kind": "Secret",
		"metadata": {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}"}},
	}
}

test_pass_name_of_a_secret if {
	count(annotation_literal.deny) == 0 with input as service("ingress.example.com/auth-secret", "basic-auth")
	count(annotation_literal.deny) == 0 with input as service("ingress.example.com/auth-tls-secret", "default/ca")
}

test_pass_ordinary_annotations if {
	count(annotation_literal.deny) == 0 with input as service("prometheus.io/scrape", "true")
	count(annotation_literal.deny) == 0 with input as service("kubectl.kubernetes.io/last-applied-configuration", "{}")
}

test_pass_without_annotations if {
	count(annotation_literal.deny) == 0 with input as {"apiVersion": "v1", "kind": "Service", "metadata": {"annotations": null}}
}

test_fail_in_a_file if {
	count(annotation_literal.deny) == 1 with input as service("example.com/config", "user: a\npassword: hunter2\n")
	count(annotation_literal.deny) == 0 with input as service("example.com/config", "user: a\npasswordFile: /run/a\n")
}

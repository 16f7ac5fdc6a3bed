package kubevet.ingress.tls_test

import data.kubevet.ingress.tls
import rego.v1

ingress(spec) := {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "app"}, "spec": spec}

test_fail if {
	tls.deny == {{
		"msg": "host b.example.com has no TLS",
		"path": ["spec", "rules", 1, "host"],
	}} with input as ingress({"tls": [{"hosts": ["a.example.com"]}], "rules": [{"host": "a.example.com"}, {"host": "b.example.com"}]})
}

test_fail_all_hosts if {
	count(tls.deny) == 1 with input as ingress({"defaultBackend": {"service": {"name": "app"}}})
}

test_pass if {
	count(tls.deny) == 0 with input as ingress({"tls": [{"hosts": ["*.example.com"]}], "rules": [{"host": "a.example.com"}]})
	count(tls.deny) == 0 with input as ingress({"tls": [{"secretName": "all"}], "rules": [{"host": "a.example.com"}]})
	count(tls.deny) == 0 with input as ingress({"tls": [{"secretName": "all"}], "rules": [{"http": {}}]})
}

test_pass_other_group if {
	count(tls.deny) == 0 with input as {"apiVersion": "config.openshift.io/v1", "kind": "Ingress", "spec": {"domain": "x"}}
}

annotated(annotations) := {
	"apiVersion": "networking.k8s.io/v1",
	"kind": "Ingress",
	"metadata": {"name": "app", "annotations": annotations},
	"spec": {"rules": [{"host": "a.example.com"}]},
}

test_pass_where_a_controller_has_the_certificate if {
	annotations := [
		{"alb.ingress.kubernetes.io/certificate-arn": "arn:aws:acm:x"},
		{"alb.ingress.kubernetes.io/listen-ports": `[{"HTTP": 80}, {"HTTPS": 443}]`},
		{"networking.gke.io/managed-certificates": "app"},
		{"ingress.gcp.kubernetes.io/pre-shared-cert": "app"},
		{"kubernetes.io/ingress.allow-http": "false"},
		{"nginx.ingress.kubernetes.io/ssl-passthrough": "true"},
	]
	every annotation in annotations {
		count(tls.deny) == 0 with input as annotated(annotation)
	}
	count(tls.deny) == 0 with input as ingress({"ingressClassName": "tailscale", "defaultBackend": {"service": {"name": "app"}}})
}

test_fail_where_an_annotation_says_nothing_of_tls if {
	annotations := [
		{"alb.ingress.kubernetes.io/listen-ports": `[{"HTTP": 80}]`},
		{"alb.ingress.kubernetes.io/certificate-arn": ""},
		{"kubernetes.io/ingress.allow-http": "true"},
		{"nginx.ingress.kubernetes.io/ssl-redirect": "true"},
	]
	every annotation in annotations {
		count(tls.deny) == 1 with input as annotated(annotation)
	}
}

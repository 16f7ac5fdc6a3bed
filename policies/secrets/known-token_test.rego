package kubevet.secrets.known_token_test

import data.kubevet.secrets.known_token
import rego.v1

# Put together here so that scanners of this repository do not take them for real ones.
aws := concat("", ["AKIA", "ABCDEFGHIJKLMNOP"])

key := concat(" ", ["-----BEGIN EC", "PRIVATE KEY-----"])

config(value) := {"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": value}}

test_fail_private_key if {
	known_token.deny == {{"msg": `ConfigMap key "a" contains a private key`, "path": ["data", "a"]}} with input as config(key)
}

test_fail_token_in_harmless_variable if {
	pod := {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "app", "env": [{"name": "REGION", "value": aws}]}]}}
	known_token.deny == {{
		"msg": `env REGION of container "app" contains an AWS access key`,
		"path": ["spec", "containers", 0, "env", 0, "value"],
	}} with input as pod
}

test_message_has_no_value if {
	every finding in known_token.deny {
		not contains(finding.msg, aws)
	} with input as config(aws)
}

test_pass if {
	every value in ["-----BEGIN CERTIFICATE-----\nMIIB", "-----BEGIN PUBLIC KEY-----", "AKIA", "ghp_short", "xoxb", "eyJhbGciOi"] {
		count(known_token.deny) == 0 with input as config(value)
	}
}

test_pass_secret_itself if {
	count(known_token.deny) == 0 with input as {"apiVersion": "v1", "kind": "Secret", "stringData": {"tls.key": key}}
}

test_fail_key_in_base64 if {
	text := base64.encode(concat("\n", [key, "MHcSYNTHETICxNOTxAxREALxKEY0123456789abcdef"]))
	known_token.deny == {{"msg": `ConfigMap key "a" contains a private key in Base64`, "path": ["data", "a"]}} with input as config(text)
}

test_pass_certificate_in_base64 if {
	text := base64.encode("-----BEGIN CERTIFICATE-----\nMHcSYNTHETICxNOTxAxREALxCERTIFICATE0123456789abcdef")
	count(known_token.deny) == 0 with input as config(text)
}

test_fail_in_a_custom_resource if {
	issuer := {"apiVersion": "cert-manager.io/v1", "kind": "Issuer", "metadata": {"name": "a"}, "spec": {"route53": {"accessKeyID": aws}}}
	known_token.deny == {{
		"msg": "field spec.route53.accessKeyID contains an AWS access key",
		"path": ["spec", "route53", "accessKeyID"],
	}} with input as issuer
}

test_fail_key_in_base64_wherever_it_stands if {
	every before in ["", "\n", "# a\n", `{"private_key": "`] {
		text := base64.encode(concat("", [before, key, "\nMHcSYNTHETICxNOTxAxREALxKEY"]))
		count(known_token.deny) == 1 with input as config(text)
	}
}

test_fail_in_the_header_of_a_probe if {
	header := {"name": "Authorization", "value": concat(" ", ["Basic", base64.encode("admin:hunter2")])}
	probe := {"httpGet": {"path": "/", "port": 80, "httpHeaders": [header]}}
	known_token.deny == {{
		"msg": `header Authorization of livenessProbe of container "app" contains the credential of an Authorization header`,
		"path": ["spec", "containers", 0, "livenessProbe", "httpGet", "httpHeaders", 0, "value"],
	}} with input as {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "app", "livenessProbe": probe}]}}
}

test_pass_header_without_its_credential if {
	every value in ["Authorization: Bearer $(TOKEN)", "Authorization: Bearer <token>", "Authorization: Basic ${AUTH}", "authorization: enabled"] {
		count(known_token.deny) == 0 with input as config(value)
	}
}

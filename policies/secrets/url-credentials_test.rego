package kubevet.secrets.url_credentials_test

import data.kubevet.secrets.url_credentials
import rego.v1

config(value) := {"apiVersion": "v1", "kind": "ConfigMap", "data": {"URL": value}}

pod(container) := {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [object.union({"name": "app"}, container)]}}

test_fail_in_configmap if {
	url_credentials.deny == {{
		"msg": `ConfigMap key "URL" contains a URL with a password`,
		"path": ["data", "URL"],
		"text": "hunter2",
	}} with input as config("postgresql://soma:hunter2@sb-postgres:5432/somabrain")
}

test_fail_in_env_args_and_annotation if {
	url := "redis://:hunter2@sb-redis:6379/0"
	count(url_credentials.deny) == 1 with input as pod({"env": [{"name": "REDIS_URL", "value": url}]})
	count(url_credentials.deny) == 1 with input as pod({"args": [concat("", ["--redis=", url])]})
	count(url_credentials.deny) == 1 with input as {"apiVersion": "v1", "kind": "Service", "metadata": {"annotations": {"a": url}}}
}

test_fail_inside_of_a_longer_text if {
	count(url_credentials.deny) == 1 with input as config("# database\nurl = postgresql://soma:hunter2@db/x\n")
}

test_message_has_no_password if {
	every finding in url_credentials.deny {
		not contains(finding.msg, "hunter2")
	} with input as config("postgresql://soma:hunter2@db/x")
}

test_pass if {
	every value in [
		"http://sb-opa:8181",
		"postgresql://soma@sb-postgres/somabrain",
		"postgresql://soma:$(DB_PASSWORD)@sb-postgres/somabrain",
		"http://a:80/path?mail=b@c",
		"see https://example.com:8443, or mail ops@example.com",
	] {
		count(url_credentials.deny) == 0 with input as config(value)
	}
}

package kubevet.secrets.env_literal_test

import data.kubevet.secrets.env_literal
import rego.v1

pod(name, value) := {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "app", "env": [{"name": name, "value": value}]}]}}

test_fail if {
	env_literal.deny == {{
		"msg": `env DB_PASSWORD of container "app" is a credential written in plain text`,
		"path": ["spec", "containers", 0, "env", 0, "value"],
	}} with input as pod("DB_PASSWORD", "hunter2")
}

test_message_has_no_value if {
	every finding in env_literal.deny {
		not contains(finding.msg, "hunter2")
	} with input as pod("DB_PASSWORD", "hunter2")
}

test_fail_in_init_container_and_cronjob if {
	spec := {"initContainers": [{"name": "migrate", "env": [{"name": "PGPASSWORD", "value": "hunter2"}]}]}
	count(env_literal.deny) == 1 with input as {
		"apiVersion": "batch/v1",
		"kind": "CronJob",
		"spec": {"jobTemplate": {"spec": {"template": {"spec": spec}}}},
	}
}

test_pass_from_secret if {
	env := [{"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}}]
	count(env_literal.deny) == 0 with input as {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "app", "env": env}]}}
}

test_pass_about_a_credential if {
	every pair in [["DB_PASSWORD_FILE", "/run/pw"], ["MAX_TOKENS", "4096"], ["IMAGE_PULL_SECRET", "regcred"], ["DB_HOST", "sb-postgres"]] {
		count(env_literal.deny) == 0 with input as pod(pair[0], pair[1])
	}
}

test_pass_reference if count(env_literal.deny) == 0 with input as pod("DB_PASSWORD", "$(OTHER)")

# Left to secrets/placeholder.
test_pass_placeholder_and_empty if {
	count(env_literal.deny) == 0 with input as pod("DB_PASSWORD", "changeme")
	count(env_literal.deny) == 0 with input as pod("DB_PASSWORD", "")
}

test_pass_where_it_is_filled_in_later if {
	values := [
		"${DB_PASSWORD}", "${DB_PASSWORD:=hunter2}", "<path:kv/data/db#password>", "op://vault/db/password", "ref+awsssm://db", "vault:secret/data/db#password",
		"!env_var DB_PASSWORD", "!secret db_password", "{{ .Values.password }}", "<<password>>",
	]
	every value in values {
		count(env_literal.deny) == 0 with input as pod("DB_PASSWORD", value)
	}
}

test_fail_in_the_text if {
	every value in [
		"jdbc:postgresql://db:5432/shop?user=shop&password=hunter2",
		"-Xmx1g -Djavax.net.ssl.keyStorePassword=hunter2",
		`{"db": {"password": "hunter2"}}`,
		"Server=db;Database=shop;User Id=sa;Password=hunter2;",
		"AccountName=shop;AccountKey=hunter2hunter2;EndpointSuffix=core.windows.net",
	] {
		count(env_literal.deny) == 1 with input as pod("OPTIONS", value)
	}
}

test_pass_in_the_text if {
	every value in [
		"jdbc:postgresql://db:5432/shop?user=shop&password=$(PASSWORD)",
		"-Ddb.password=${DB_PASSWORD}",
		"-Djavax.net.ssl.keyStorePassword.file=/run/secrets/a",
		"host=db password_file=/run/secrets/a",
		"token=bootstrap",
	] {
		count(env_literal.deny) == 0 with input as pod("OPTIONS", value)
	}
}

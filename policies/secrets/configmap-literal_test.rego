package kubevet.secrets.configmap_literal_test

import data.kubevet.secrets.configmap_literal
import rego.v1

config(key, value) := {"apiVersion": "v1", "kind": "ConfigMap", "data": {key: value}}

test_fail_by_key if {
	configmap_literal.deny == {{
		"msg": `ConfigMap key "DB_PASSWORD" is a credential written in plain text`,
		"path": ["data", "DB_PASSWORD"],
	}} with input as config("DB_PASSWORD", "hunter2")
}

test_fail_in_file if {
	configmap_literal.deny == {{
		"msg": `ConfigMap key "app.yaml" sets the credential password in plain text`,
		"path": ["data", "app.yaml"],
	}} with input as config("app.yaml", "db:\n  user: soma\n  password: hunter2\n")
}

test_fail_in_json if {
	count(configmap_literal.deny) == 1 with input as config("app.json", `{"user": "soma", "apiKey": "hunter2"}`)
}

test_fail_in_redis_conf if {
	count(configmap_literal.deny) == 1 with input as config("redis.conf", "port 6379\nrequirepass hunter2\n")
}

test_pass_redis_conf_without_password if {
	count(configmap_literal.deny) == 0 with input as config("redis.conf", "appendonly yes\n# requirepass hunter2\nrequirepass ${REDIS_PASSWORD}\n")
}

test_pass_plain_settings if {
	count(configmap_literal.deny) == 0 with input as config("app.yaml", "host: db\nport: 5432\npassword_file: /run/secrets/pw\ntoken_ttl: 3600\n")
}

test_pass_program if {
	count(configmap_literal.deny) == 0 with input as config("authz.rego", "token := input.token\npassword = data.password\n")
}

test_pass_other_kind if {
	count(configmap_literal.deny) == 0 with input as {"apiVersion": "v1", "kind": "Secret", "data": {"DB_PASSWORD": "aHVudGVyMg=="}}
}

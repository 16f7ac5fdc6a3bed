package kubevet.configuration.auth_disabled_test

import data.kubevet.configuration.auth_disabled
import rego.v1

pod(spec) := {"apiVersion": "v1", "kind": "Pod", "spec": spec}

container(settings) := pod({"containers": [object.union({"name": "app"}, settings)]})

variable(name, value) := container({"env": [{"name": name, "value": value}]})

test_fail if {
	auth_disabled.deny == {{
		"msg": `env SOMABRAIN_DISABLE_AUTH of container "app" switches authentication or authorization off`,
		"path": ["spec", "containers", 0, "env", 0, "value"],
	}} with input as variable("SOMABRAIN_DISABLE_AUTH", "1")
}

test_fail_others if {
	every pair in [
		["ALLOW_EMPTY_PASSWORD", "yes"],
		["POSTGRES_HOST_AUTH_METHOD", "trust"],
		["XPACK_AUTHENTICATION_ENABLED", "False"],
		["SOMABRAIN_OPA_ALLOW_ON_ERROR", "true"],
		["SOMA_OPA_FAIL_CLOSED", "0"],
		["GF_AUTH_ANONYMOUS_ENABLED", "true"],
	] {
		count(auth_disabled.deny) == 1 with input as variable(pair[0], pair[1])
	}
}

test_fail_configmap if {
	count(auth_disabled.deny) == 1 with input as {"apiVersion": "v1", "kind": "ConfigMap", "data": {"APP_AUTH_DISABLED": "true"}}
}

test_pass if {
	every pair in [
		["SOMABRAIN_DISABLE_AUTH", "0"],
		["AUTH_ENABLED", "true"],
		["GF_AUTH_ANONYMOUS_ENABLED", "false"],
		["POSTGRES_HOST_AUTH_METHOD", "scram-sha-256"],
		["SOMABRAIN_AUTH_REQUIRED", "false"],
		["MODE", "true"],
	] {
		count(auth_disabled.deny) == 0 with input as variable(pair[0], pair[1])
	}
}

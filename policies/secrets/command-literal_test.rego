package kubevet.secrets.command_literal_test

import data.kubevet.secrets.command_literal
import rego.v1

pod(args) := {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "app", "args": args}]}}

test_fail_flag_with_equals if {
	command_literal.deny == {{
		"msg": `args of container "app" sets the credential password in plain text`,
		"path": ["spec", "containers", 0, "args", 1],
	}} with input as pod(["serve", "--password=hunter2"])
}

test_fail_flag_and_value_apart if {
	some finding in command_literal.deny with input as pod(["--requirepass", "hunter2"])
	finding.path == ["spec", "containers", 0, "args", 0]
}

test_fail_in_shell_script if {
	count(command_literal.deny) == 1 with input as pod(["redis-server --requirepass hunter2 --port 6379"])
	count(command_literal.deny) == 1 with input as pod(["PGPASSWORD='hunter2' psql -h db"])
}

test_pass_references if {
	every args in [
		["--requirepass", "$(REDIS_PASSWORD)"],
		[`redis-server --requirepass "$REDIS_PASSWORD"`],
		["--password=${PASSWORD}"],
		["--password-file=/run/pw", "--token-file", "/run/token"],
		["--password-file", "x"],
		["--authentication=token", "--max-tokens", "100"],
		["--password", "--verbose"],
		["--password"],
		["export PASSWORD=$(cat /run/pw)"],
	] {
		count(command_literal.deny) == 0 with input as pod(args)
	}
}

test_pass_token_that_is_a_word if {
	count(command_literal.deny) == 0 with input as pod(["--secret=default/tls-cert", "--token=bootstrap"])
}

test_fail_token_that_is_random if {
	count(command_literal.deny) == 1 with input as pod(["--token=Zx81aBc9QwErTy12"])
}

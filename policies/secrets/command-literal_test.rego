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

handler(handler) := {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "app", "livenessProbe": handler}]}}

test_fail_in_a_probe if {
	command_literal.deny == {{
		"msg": `livenessProbe of container "app" sets the credential PGPASSWORD in plain text`,
		"path": ["spec", "containers", 0, "livenessProbe", "exec", "command", 2],
	}} with input as handler({"exec": {"command": ["sh", "-c", "PGPASSWORD=hunter2 psql -c 'select 1'"]}})
}

test_fail_under_a_letter if {
	every args in [
		["redis-cli", "-a", "hunter2", "ping"],
		["redis-cli -h db -a hunter2 ping"],
		["mysqladmin ping -u root -phunter2"],
		["curl -fsS -u admin:hunter2 http://db/health"],
		["sshpass", "-p", "hunter2", "ssh", "db"],
	] {
		count(command_literal.deny) == 1 with input as pod(args)
	}
}

test_pass_under_a_letter if {
	every args in [
		["redis-cli", "-a", "$(PASSWORD)", "ping"],
		["redis-cli -a \"$PASSWORD\" ping"],
		["redis-cli", "ping"],
		["mysql -p\"$PASSWORD\" -e 'select 1'"],
		["curl -u \"$USER:$PASSWORD\" http://db"],
		["curl --user-agent probe:1 http://db"],
		["mysql-exporter --port=9104"],
	] {
		count(command_literal.deny) == 0 with input as pod(args)
	}
}

test_fail_cookie_secret if {
	count(command_literal.deny) == 1 with input as pod(["--cookie-secret=0123456789abcdef"])
	count(command_literal.deny) == 0 with input as pod(["--cookie-secret-file=/run/secret"])
}

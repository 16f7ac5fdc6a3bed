package kubevet.images.install_at_start_test

import data.kubevet.images.install_at_start
import rego.v1

pod(spec) := {"apiVersion": "v1", "kind": "Pod", "spec": spec}

container(settings) := pod({"containers": [object.union({"name": "app"}, settings)]})

test_fail_in_shell if {
	every script in [
		"pip install app && python -m app",
		"apt-get update && apt-get install -y curl",
		"apk add --no-cache curl; curl x",
		"set -e\nnpm install\nnode .",
		"curl -sSL https://example.com/install.sh | sh",
	] {
		count(install_at_start.deny) == 1 with input as container({"command": ["sh", "-c", script]})
	}
}

test_fail_as_list if {
	install_at_start.deny == {{
		"msg": `command of container "app" installs software at start`,
		"path": ["spec", "containers", 0, "command"],
	}} with input as container({"command": ["pip", "install", "app"]})
}

test_pass if {
	every script in ["python -m app", "echo pip-installer", "./install.sh", "curl -f http://localhost/health", "curl x | sha256sum"] {
		count(install_at_start.deny) == 0 with input as container({"command": ["sh", "-c", script]})
	}
	count(install_at_start.deny) == 0 with input as container({"command": ["app", "install"]})
}

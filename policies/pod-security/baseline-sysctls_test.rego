package kubevet.pod_security.baseline_sysctls_test

import data.kubevet.pod_security.baseline_sysctls
import rego.v1

pod(spec) := {"apiVersion": "v1", "kind": "Pod", "spec": spec}

setting(name) := pod({"securityContext": {"sysctls": [{"name": name, "value": "1"}]}})

test_fail if {
	baseline_sysctls.deny == {{
		"msg": "the Pod sets net.core.somaxconn, which is not a safe sysctl",
		"path": ["spec", "securityContext", "sysctls", 0, "name"],
		"fix": {"title": "leave the sysctl as it is", "edits": [{"remove": ["spec", "securityContext", "sysctls", 0]}]},
	}} with input as setting("net.core.somaxconn")
}

test_fail_with_slashes if count(baseline_sysctls.deny) == 1 with input as setting("net/ipv4/tcp_syncookies")

test_by_version if {
	count(baseline_sysctls.deny) == 0 with input as setting("net.ipv4.tcp_rmem")
	count(baseline_sysctls.deny) == 1 with input as setting("net.ipv4.tcp_rmem") with data.environment as {"parameters": {"kubernetesVersion": "1.31"}}
}

test_pass if {
	count(baseline_sysctls.deny) == 0 with input as setting("net.ipv4.tcp_syncookies")
	count(baseline_sysctls.deny) == 0 with input as pod({"securityContext": {"sysctls": null}})
	count(baseline_sysctls.deny) == 0 with input as pod({})
}

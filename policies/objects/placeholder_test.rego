package kubevet.objects.placeholder_test

import data.kubevet.objects.placeholder
import rego.v1

map(entries) := {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": entries}

test_fail if {
	placeholder.deny == {{"msg": "a port, such as 80 is still to be chosen", "path": ["data", "port"]}} with input as map({"port": "<kubevet: a port, such as 80>"})
}

test_fail_in_a_list if {
	pod := {"kind": "Pod", "spec": {"containers": [{"env": [{"name": "A", "value": "b"}, {"name": "B", "value": "<kubevet: a host>"}]}]}}
	{finding.path | some finding in placeholder.deny} == {["spec", "containers", 0, "env", 1, "value"]} with input as pod
}

test_fail_in_a_longer_text if {
	some finding in placeholder.deny with input as map({"app.conf": "listen: <kubevet: a port>\nhost: <kubevet: a host>\n"})
	finding.msg == "a port is still to be chosen"
}

test_fail_broken_off if {
	count(placeholder.deny) == 1 with input as map({"port": "<kubevet: a port"})
}

test_fail_in_a_key if {
	{finding.path | some finding in placeholder.deny} == {["data", "<kubevet: a name>"]} with input as map({"<kubevet: a name>": "b"})
}

test_pass if {
	count(placeholder.deny) == 0 with input as map({"port": "80", "about": "kubevet: <a tool>"})
}

test_pass_what_kubevet_adds if {
	added := {"facts": {"schema": [{"message": "<kubevet: a port>"}]}, "environment": {"name": "<kubevet: a port>"}}
	count(placeholder.deny) == 0 with input as object.union(map({}), added)
}

package kubevet.configuration.duplicate_variable_test

import data.kubevet.configuration.duplicate_variable
import rego.v1

pod(spec) := {"apiVersion": "v1", "kind": "Pod", "spec": spec}

container(settings) := pod({"containers": [object.union({"name": "app"}, settings)]})

test_fail if {
	duplicate_variable.deny == {{
		"msg": `env MODE of container "app" is set more than once`,
		"path": ["spec", "containers", 0, "env", 2, "name"],
		"fix": [{"title": "remove the first", "safe": true, "edits": [{"remove": ["spec", "containers", 0, "env", 0]}]}],
	}} with input as container({"env": [{"name": "MODE", "value": "a"}, {"name": "B"}, {"name": "MODE", "value": "b"}]})
}

test_pass if {
	count(duplicate_variable.deny) == 0 with input as container({"env": [{"name": "A"}, {"name": "B"}]})
	count(duplicate_variable.deny) == 0 with input as container({"env": null})
}

test_pass_in_two_containers if {
	env := [{"name": "A", "value": "1"}]
	count(duplicate_variable.deny) == 0 with input as pod({"containers": [{"name": "a", "env": env}, {"name": "b", "env": env}]})
}

test_fix_is_not_safe_where_another_is_made_of_it if {
	env := [{"name": "A", "value": "1"}, {"name": "B", "value": "$(A)"}, {"name": "A", "value": "2"}]
	some finding in duplicate_variable.deny with input as container({"env": env})
	not finding.fix[0].safe
}

package kubevet.lib.configuration_test

import data.kubevet.lib.configuration
import rego.v1

pod := {
	"apiVersion": "v1",
	"kind": "Pod",
	"metadata": {"annotations": {"note": "x"}},
	"spec": {"containers": [{
		"name": "app",
		"env": [{"name": "A", "value": "1"}, {"name": "B", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}}, {"name": "C"}],
		"command": ["run"],
		"args": ["--flag", "value", 3],
	}]},
}

test_variables_with_literal_values if {
	configuration.variables == [{
		"name": "A",
		"value": "1",
		"path": ["spec", "containers", 0, "env", 0, "value"],
		"label": `env A of container "app"`,
	}] with input as pod
}

test_arguments_know_what_follows if {
	found := configuration.arguments with input as pod
	[[argument.value, argument.next] | some argument in found] == [["run", ""], ["--flag", "value"], ["value", ""]]
	found[1].path == ["spec", "containers", 0, "args", 0]
}

test_config_values if {
	map := {"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": "1", "b": null}}
	[value.path | some value in configuration.config_values] == [["data", "a"]] with input as map
}

test_config_values_of_other_kinds if {
	configuration.config_values == [] with input as {"apiVersion": "example.com/v1", "kind": "ConfigMap", "data": {"a": "1"}}
}

test_annotations_of_object_and_template if {
	template := {"metadata": {"annotations": {"inner": "2"}}, "spec": {}}
	object := {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"annotations": {"outer": "1"}}, "spec": {"template": template}}
	found := configuration.annotations with input as object
	{annotation.path | some annotation in found} == {
		["metadata", "annotations", "outer"],
		["spec", "template", "metadata", "annotations", "inner"],
	}
}

test_annotations_of_a_pod_once if count(configuration.annotations) == 1 with input as pod

test_texts_have_all_of_them if count(configuration.texts) == 5 with input as pod

test_texts_of_a_custom_resource_without_what_kubevet_adds if {
	resource := {
		"apiVersion": "example.com/v1",
		"kind": "Gizmo",
		"spec": {"url": "a"},
		"facts": {"schema": ["b"]},
		"environment": {"name": "prod", "parameters": {"c": "d"}},
	}
	found := configuration.resource_texts with input as resource
	{text.value | some text in found} == {"a"}
}

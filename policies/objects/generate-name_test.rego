package kubevet.objects.generate_name_test

import data.kubevet.objects.generate_name
import rego.v1

job(metadata) := {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata}

test_fail if {
	every metadata in [{"generateName": "a-"}, {"generateName": "a-", "name": ""}] {
		paths := {finding.path | some finding in generate_name.deny} with input as job(metadata)
		paths == {["metadata", "generateName"]}
	}
}

test_pass if {
	every metadata in [{"name": "a"}, {"name": "a", "generateName": "a-"}, {}] {
		count(generate_name.deny) == 0 with input as job(metadata)
	}
}

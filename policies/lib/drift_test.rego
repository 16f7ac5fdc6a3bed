package kubevet.lib.drift_test

import data.kubevet.lib.drift
import rego.v1

deployment(environment) := {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": environment, "name": "a"}

probe := ["spec", "template", "spec", "containers", 0, "livenessProbe"]

lost := {
	"kind": "probe",
	"name": "livenessProbe",
	"container": "web",
	"object": deployment("prod"),
	"path": probe,
	"before": {"environment": "dev", "object": deployment("dev"), "path": probe},
}

test_finding if {
	found := drift.findings("probe") with input as {"facts": {"lost": [lost]}}
	found == {{
		"msg": `container "web" lacks livenessProbe, which dev has`,
		"path": probe,
		"object": deployment("prod"),
		"related": [{"environment": "dev", "object": deployment("dev"), "path": probe, "note": "dev has it here"}],
	}}
}

test_other_kinds if {
	found := drift.findings("resource") with input as {"facts": {"lost": [lost]}}
	count(found) == 0
}

package kubevet.lib.probe_test

import data.kubevet.lib.probe
import rego.v1

test_defined_with_a_handler if {
	probe.defined({"livenessProbe": {"tcpSocket": {"port": 80}}}, "livenessProbe")
	probe.defined({"startupProbe": {"exec": {"command": ["true"]}}}, "startupProbe")
}

test_not_defined if {
	not probe.defined({}, "livenessProbe")
	not probe.defined({"livenessProbe": null}, "livenessProbe")
	not probe.defined({"livenessProbe": {}}, "livenessProbe")
	not probe.defined({"livenessProbe": {"periodSeconds": 3}}, "livenessProbe")
}

test_defaults if {
	probe.setting({}, "periodSeconds") == 10
	probe.setting({"periodSeconds": 0}, "periodSeconds") == 10
	probe.setting({"periodSeconds": 5}, "periodSeconds") == 5
}

test_budget if {
	probe.budget({}) == 30
	probe.budget({"initialDelaySeconds": 10, "periodSeconds": 5, "failureThreshold": 30}) == 160
}

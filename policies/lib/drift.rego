# METADATA
# title: Words for what an environment lost
# description: >-
#   Turns the facts of `input.facts.lost` into findings: protection that a workload has in an environment below this one
#   (dev, staging) and not here. A workload is the same one where both are made from the same manifest, whatever prefix or
#   suffix renames it, or where kind, name and image agree.
package kubevet.lib.drift

import rego.v1

# Findings for what was lost of one kind: "probe", "resource", "security-context", "network-policy", "availability".
findings(kind) := {finding |
	some lost in input.facts.lost
	lost.kind == kind
	finding := {
		"msg": sprintf("%s lacks %s, which %s has", [whose(lost), lost.name, lost.before.environment]),
		"path": lost.path,
		"object": lost.object,
		"related": [{
			"environment": lost.before.environment,
			"object": lost.before.object,
			"path": lost.before.path,
			"note": sprintf("%s has it here", [lost.before.environment]),
		}],
	}
}

whose(lost) := sprintf("container %q", [lost.container]) if {
	lost.container
} else := "the workload"

# METADATA
# title: Words for references that nothing answers to
# description: Turns the facts of `input.facts.dangling` into findings.
package kubevet.lib.reference

import rego.v1

# The finding for an object that is not there.
missing_object(dangling) := {"msg": msg, "path": dangling.path} if {
	text := sprintf("%s %s/%s does not exist", [dangling.kind, dangling.namespace, dangling.name])
	msg := concat("", [text, did_you_mean(dangling)])
}

did_you_mean(dangling) := sprintf("; did you mean %s?", [dangling.similar]) if {
	dangling.similar
} else := ""

# Where the name stands, if that is not the object itself.
source(dangling) := [{"object": place.object, "path": place.path, "note": "named here"}] if {
	place := dangling.source
} else := []

# METADATA
# title: Words for references that nothing answers to
# description: Turns the facts of `input.facts.dangling` into findings.
package kubevet.lib.reference

import data.kubevet.lib.fix
import rego.v1

# The finding for an object that is not there.
missing_object(dangling) := {"msg": msg, "path": dangling.path, "fix": renamed(dangling)} if {
	text := sprintf("%s %s/%s does not exist", [dangling.kind, dangling.namespace, dangling.name])
	msg := concat("", [text, did_you_mean(dangling)])
}

# Names what is there instead, where it is called nearly so. The name is all of the text at the finding's path or a part of it,
# as in a URL, unless it stands in another object.
renamed(dangling) := [fix.suggestion(sprintf("name %q", [dangling.similar]), [{"set": dangling.path, "value": text}]) |
	dangling.similar
	written := object.get(input, dangling.path, null)
	is_string(written)
	parts := split(written, object.get(dangling, "key", dangling.name))
	count(parts) == 2
	text := concat(dangling.similar, parts)
]

# Leads to a port that is there instead: by its number where a number is written.
other_port(dangling) := [fix.suggestion(sprintf("lead to the port %s", [dangling.similar]), [{"set": dangling.path, "value": value}]) |
	dangling.similar
	written := object.get(input, dangling.path, null)
	value := spelled(written, dangling.similar)
]

spelled(written, port) := to_number(port) if {
	is_number(written)
} else := port

did_you_mean(dangling) := sprintf("; did you mean %s?", [dangling.similar]) if {
	dangling.similar
} else := ""

# Where the name stands, if that is not the object itself.
source(dangling) := [{"object": place.object, "path": place.path, "note": "named here"}] if {
	place := dangling.source
} else := []

# METADATA
# title: Fixes
# description: >-
#   What a rule proposes to do about its finding, as `fix` of its result: edits that belong together, with a title. They
#   change the object that the finding is about, or the one that an edit names as its `object`.
package kubevet.lib.fix

import rego.v1

# One that may be made without a look at it: what runs keeps running as it does, and there is nothing to choose.
safe(title, edits) := safe_where(true, title, edits)

# One that a person must look at.
suggestion(title, edits) := {"title": title, "edits": edits}

# One of both. What is made of a value that is still to be chosen is never safe.
safe_where(is_safe, title, edits) := suggestion(title, edits) if {
	contains(sprintf("%v", [edits]), mark)
} else := {"title": title, "safe": is_safe, "edits": edits}

mark := "<kubevet: "

# More edits than this no fix may have.
most_edits := 64

# True for a text that stands for such a value.
is_choice(value) if {
	is_string(value)
	startswith(value, mark)
}

# Stands for a value that nobody but a person can choose; objects/placeholder finds it where it stayed.
choice(what) := concat("", [mark, what, ">"])

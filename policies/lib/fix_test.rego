package kubevet.lib.fix_test

import data.kubevet.lib.fix
import rego.v1

edits := [{"remove": ["spec", "hostNetwork"]}]

test_safe if fix.safe("remove it", edits) == {"title": "remove it", "safe": true, "edits": edits}

test_suggestion if fix.suggestion("remove it", edits) == {"title": "remove it", "edits": edits}

test_safe_where if {
	fix.safe_where(true, "remove it", edits) == fix.safe("remove it", edits)
	fix.safe_where(false, "remove it", edits) == {"title": "remove it", "safe": false, "edits": edits}
}

test_choice if fix.choice("a port") == "<kubevet: a port>"

test_what_is_made_of_a_choice_is_not_safe if {
	chosen := [{"set": ["spec", "a"], "value": {"b": [fix.choice("a port")]}}]
	fix.safe("set it", chosen) == fix.suggestion("set it", chosen)
	fix.safe_where(true, "set it", chosen) == fix.suggestion("set it", chosen)
}

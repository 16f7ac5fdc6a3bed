package kubevet.kustomize.deprecated_field_test

import data.kubevet.kustomize.deprecated_field
import rego.v1

test_fail if {
	notes := [{"kind": "another", "message": "not this one"}, {"kind": "deprecated-field", "message": "this one"}]
	deprecated_field.deny == {{"msg": "this one", "note": 1, "fix": []}} with input as {"objects": [], "notes": notes}
}

test_pass if {
	count(deprecated_field.deny) == 0 with input as {"objects": [], "notes": [{"kind": "another", "message": "not this one"}]}
	count(deprecated_field.deny) == 0 with input as {"objects": [], "notes": []}
	count(deprecated_field.deny) == 0 with input as {"objects": []}
}

fixes(name, value) := finding.fix if {
	note := {"kind": "deprecated-field", "message": "", "deprecated": {"name": name, "successor": "new", "value": value}}
	some finding in deprecated_field.deny with input as {"objects": [], "notes": [note]}
}

test_fix_by_another_name if {
	every name in ["bases", "imageTags", "patchesJson6902"] {
		fixes(name, []) == [{"title": "use new", "safe": true, "edits": [{"source": "rename", "to": "new"}]}]
	}
}

test_fix_by_what_the_successor_has if {
	inline := "apiVersion: v1\nkind: Pod\n"
	fixes("patchesStrategicMerge", ["a.yaml", inline])[0].edits == [{"source": "rewrite", "to": "new", "value": [{"path": "a.yaml"}, {"patch": inline}]}]
	fixes("commonLabels", {"app": "web"})[0].edits == [{
		"source": "rewrite",
		"to": "new",
		"value": [{"includeSelectors": true, "pairs": {"app": "web"}}],
	}]
}

test_no_fix_of_vars if {
	fixes("vars", []) == []
}

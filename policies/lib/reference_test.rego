package kubevet.lib.reference_test

import data.kubevet.lib.reference
import rego.v1

dangling := {"kind": "Secret", "namespace": "shop", "name": "db", "path": ["spec"]}

test_missing_object_names_kind_namespace_and_name if {
	reference.missing_object(dangling) == {"msg": "Secret shop/db does not exist", "path": ["spec"]}
}

test_suggestion_only_where_there_is_one if {
	reference.did_you_mean(dangling) == ""
	reference.did_you_mean(object.union(dangling, {"similar": "dbs"})) == "; did you mean dbs?"
}

package kubevet.lib.reference_test

import data.kubevet.lib.reference
import rego.v1

dangling := {"kind": "Secret", "namespace": "shop", "name": "db", "path": ["spec"]}

test_missing_object_names_kind_namespace_and_name if {
	reference.missing_object(dangling) == {"msg": "Secret shop/db does not exist", "path": ["spec"], "fix": []}
}

test_suggestion_only_where_there_is_one if {
	reference.did_you_mean(dangling) == ""
	reference.did_you_mean(object.union(dangling, {"similar": "dbs"})) == "; did you mean dbs?"
}

renamed(more, text) := fixes if {
	entry := object.union({"kind": "Secret", "namespace": "shop", "name": "dbs", "similar": "db", "path": ["spec", "at"]}, more)
	fixes := reference.renamed(entry) with input as {"spec": {"at": text}}
}

test_renamed if {
	renamed({}, "dbs") == [{"title": `name "db"`, "edits": [{"set": ["spec", "at"], "value": "db"}]}]
	renamed({}, "http://dbs:80/")[0].edits == [{"set": ["spec", "at"], "value": "http://db:80/"}]
	renamed({"key": "pasword", "similar": "password"}, "pasword")[0].edits == [{"set": ["spec", "at"], "value": "password"}]
}

test_renamed_only_where_the_name_stands_once if {
	renamed({}, "dbs.dbs") == []
	renamed({}, "other") == []
	renamed({}, 3) == []
	renamed({"similar": false}, "dbs") == []
}

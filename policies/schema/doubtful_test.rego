package kubevet.schema.doubtful_test

import data.kubevet.schema.doubtful
import data.kubevet.schema.type
import data.kubevet.schema.unknown_field
import rego.v1

fact(reason, doubt) := {
	"reason": reason, "field": "spec.a", "path": ["spec", "a"], "message": "is wrong",
	"by": {"project": "widgets", "version": "v1", "doubtful": doubt},
}

test_doubtful if {
	some reason in ["type", "unknown"]
	facts := {"facts": {"schema": [fact(reason, true)]}}
	{finding.msg | some finding in doubtful.deny} == {"spec.a is wrong"} with input as facts
	count(type.deny | unknown_field.deny) == 0 with input as facts
}

test_released if {
	facts := {"facts": {"schema": [fact("type", false), fact("unknown", false)]}}
	count(doubtful.deny) == 0 with input as facts
	count(type.deny) == 1 with input as facts
	count(unknown_field.deny) == 1 with input as facts
}

test_of_the_api_server if {
	facts := {"facts": {"schema": [object.remove(fact("type", false), ["by"])]}}
	count(doubtful.deny) == 0 with input as facts
	count(type.deny) == 1 with input as facts
}

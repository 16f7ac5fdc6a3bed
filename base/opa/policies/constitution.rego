# METADATA
# title: soma/policy/allow, the question of SomaBrain's constitution engine
# description: |
#   `input` is {"constitution": …, "instance": …}; the answer is an object whose reasons the engine passes on as its
#   explanation. An engine that has no constitution loaded sends null, and nothing is in order then.
package soma.policy

import rego.v1

required := {"version", "rules"}

reasons contains "no constitution is loaded" if not loaded

reasons contains sprintf("the constitution has no %s", [key]) if {
	loaded
	some key in required - object.keys(input.constitution)
}

reasons contains "the instance is not an object" if not instance_is_object

loaded if is_object(input.constitution)

instance_is_object if is_object(input.instance)

reasons contains sprintf("rule %s forbids it", [name]) if {
	some name in input.instance.violates
}

reasons contains sprintf("the constitution forbids the action %s", [input.instance.action]) if {
	input.instance.action in input.constitution.rules.forbidden
}

allow := {"allow": count(reasons) == 0, "reasons": sort(reasons)}

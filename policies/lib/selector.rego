# METADATA
# title: Label selectors
# description: >-
#   Kubernetes' label selectors (matchLabels and matchExpressions, all of which must hold; an empty one matches everything).
package kubevet.lib.selector

import rego.v1

matches(selector, labels) if {
	is_object(selector)
	every key, value in mapping(selector, "matchLabels") {
		labels[key] == value
	}
	every expression in list(selector, "matchExpressions") {
		holds(expression, labels)
	}
}

mapping(selector, field) := selector[field] if {
	is_object(selector[field])
} else := {}

list(selector, field) := selector[field] if {
	is_array(selector[field])
} else := []

holds(expression, labels) if {
	expression.operator == "In"
	labels[expression.key] == expression.values[_]
}

holds(expression, labels) if {
	expression.operator == "NotIn"
	not has_value(expression, labels)
}

holds(expression, labels) if {
	expression.operator == "Exists"
	has_key(expression.key, labels)
}

holds(expression, labels) if {
	expression.operator == "DoesNotExist"
	not has_key(expression.key, labels)
}

has_value(expression, labels) if labels[expression.key] == expression.values[_]

has_key(key, labels) if is_string(labels[key])

package kubevet.lib.selector_test

import data.kubevet.lib.selector
import rego.v1

labels := {"app": "api", "tier": "web"}

expression(operator, values) := {"matchExpressions": [{"key": "app", "operator": operator, "values": values}]}

test_empty_selector_matches_everything if {
	selector.matches({}, labels)
	selector.matches({"matchLabels": null}, {})
}

test_no_selector_matches_nothing if not selector.matches(null, labels)

test_match_labels if {
	selector.matches({"matchLabels": {"app": "api"}}, labels)
	selector.matches({"matchLabels": {"app": "api", "tier": "web"}}, labels)
	not selector.matches({"matchLabels": {"app": "api", "tier": "db"}}, labels)
	not selector.matches({"matchLabels": {"other": "api"}}, labels)
}

test_in if {
	selector.matches(expression("In", ["web", "api"]), labels)
	not selector.matches(expression("In", ["web"]), labels)
	not selector.matches(expression("In", ["api"]), {})
}

test_not_in if {
	selector.matches(expression("NotIn", ["web"]), labels)
	selector.matches(expression("NotIn", ["api"]), {})
	not selector.matches(expression("NotIn", ["api"]), labels)
}

test_exists if {
	selector.matches(expression("Exists", []), labels)
	not selector.matches(expression("Exists", []), {})
	selector.matches(expression("DoesNotExist", []), {})
	not selector.matches(expression("DoesNotExist", []), labels)
}

test_all_must_hold if {
	not selector.matches(object.union({"matchLabels": {"tier": "db"}}, expression("Exists", [])), labels)
}

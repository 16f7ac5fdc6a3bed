package kubevet.change.selector_handover_test

import data.kubevet.change.selector_handover
import rego.v1

service := {"apiVersion": "v1", "kind": "Service", "namespace": "shop", "name": "web"}

nothing := {
	"object": service,
	"cause": service,
	"path": ["spec", "selector"],
	"lost": [],
	"gained": [],
	"gap": [],
	"noneAfter": false,
	"noneDuring": false,
	"refused": false,
}

messages(facts) := found if {
	handovers := [object.union(nothing, fact) | some fact in facts]
	found := {result.msg | some result in selector_handover.deny} with input as {"facts": {"change": {"handovers": handovers}}}
}

test_fail_none if {
	messages([{"noneAfter": true, "lost": ["Deployment web"]}]) == {"Service web selects no Pod any more; it selected those of Deployment web"}
	messages([{"noneDuring": true, "gap": ["Deployment web"]}]) == {"Service web selects no Pod until new ones of Deployment web are ready: the old ones lack the labels"}
	messages([{"noneDuring": true, "refused": true, "gap": ["Deployment web"]}]) == {"Service web selects no Pod of Deployment web: the old ones lack the labels, and the API server refuses the update that brings new ones"}
}

test_fail_others if {
	messages([{"gap": ["Deployment web"]}]) == {"Service web does not select the old Pods of Deployment web, which lack the labels"}
	messages([{"gained": ["Deployment b"], "lost": ["Deployment a"]}]) == {"Service web selects the Pods of Deployment b instead of those of Deployment a"}
	messages([{"gained": ["Deployment b"]}]) == {"Service web selects the Pods of Deployment b too"}
	messages([{"lost": ["Deployment a"]}]) == {"Service web does not select the Pods of Deployment a any more"}
}

test_pass_where_nothing_changes_hands if {
	count(messages([])) == 0
}

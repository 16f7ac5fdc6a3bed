package kubevet.references.monitor_test

import data.kubevet.references.monitor
import rego.v1

service := {
	"apiVersion": "v1",
	"kind": "Service",
	"metadata": {"name": "api", "namespace": "shop", "labels": {"app": "api"}},
	"spec": {"ports": [{"name": "metrics", "port": 9090}]},
}

scrape(space, spec) := {
	"apiVersion": "monitoring.coreos.com/v1",
	"kind": "ServiceMonitor",
	"metadata": {"name": "api", "namespace": space},
	"spec": object.union({"selector": {"matchLabels": {"app": "api"}}, "endpoints": [{"port": "metrics"}]}, spec),
}

found(objects) := paths if {
	paths := {finding.path | some finding in monitor.deny} with input as {"objects": objects}
}

test_port_is_there if {
	found([service, scrape("shop", {})]) == set()
}

test_unknown_port if {
	found([service, scrape("shop", {"endpoints": [{"port": "metrics"}, {"port": "http"}]})]) == {["spec", "endpoints", 1, "port"]}
}

test_number_of_the_pods if {
	found([service, scrape("shop", {"endpoints": [{"targetPort": 9090}]})]) == set()
}

test_selects_nothing if {
	found([service, scrape("shop", {"selector": {"matchLabels": {"app": "apy"}}})]) == {["spec", "selector"]}
}

test_another_namespace if {
	other := scrape("watch", {"namespaceSelector": {"matchNames": ["shop"]}})
	found([service, other]) == set()
	found([service, object.union(other, {"spec": {"endpoints": [{"port": "http"}]}})]) == {["spec", "endpoints", 0, "port"]}
}

test_any_namespace if {
	found([service, scrape("watch", {"namespaceSelector": {"any": true}, "endpoints": [{"port": "http"}]})]) == {["spec", "endpoints", 0, "port"]}
}

test_namespace_that_is_not_here if {
	found([service, scrape("watch", {"selector": {"matchLabels": {"app": "other"}}})]) == set()
	found([service, scrape("shop", {"namespaceSelector": {"matchNames": ["other"]}})]) == set()
}

test_service_of_another_namespace if {
	found([service, scrape("watch", {})]) == {["spec", "selector"]}
	found([service, scrape("watch", {"endpoints": [{"port": "http"}]})]) == {["spec", "selector"]}
}

test_service_of_an_operator if {
	kafka := {"apiVersion": "kafka.strimzi.io/v1", "kind": "Kafka", "metadata": {"name": "events", "namespace": "shop"}}
	found([service, kafka, scrape("shop", {"selector": {"matchLabels": {"strimzi.io/cluster": "events"}}})]) == set()
}

test_pod_monitor if {
	template := {"metadata": {"labels": {"app": "api"}}, "spec": {"containers": []}}
	deployment := {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "api", "namespace": "shop"}, "spec": {"template": template}}
	found([deployment, pod_monitor("shop", "api")]) == set()
	found([deployment, pod_monitor("shop", "apy")]) == {["spec", "selector"]}
	found([deployment, pod_monitor("watch", "apy")]) == set()
}

pod_monitor(namespace, app) := {
	"apiVersion": "monitoring.coreos.com/v1",
	"kind": "PodMonitor",
	"metadata": {"name": "api", "namespace": namespace},
	"spec": {"selector": {"matchLabels": {"app": app}}, "podMetricsEndpoints": [{"port": "http"}]},
}

test_offers_the_ports_that_are_there if {
	some finding in monitor.deny with input as {"objects": [service, scrape("shop", {"endpoints": [{"port": "http"}]})]}
	finding.fix == [{"title": "scrape the port metrics", "edits": [{"set": ["spec", "endpoints", 0, "port"], "value": "metrics"}]}]
}

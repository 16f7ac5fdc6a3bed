package kubevet.ingress.acme_solver_test

import data.kubevet.ingress.acme_solver
import rego.v1

quota(namespace, limit) := {
	"apiVersion": "v1",
	"kind": "ResourceQuota",
	"metadata": {"name": "quota", "namespace": namespace},
	"spec": {"hard": {"services.nodeports": limit}},
}

issuer(kind, solver) := {
	"apiVersion": "cert-manager.io/v1",
	"kind": kind,
	"metadata": {"name": "acme", "namespace": "shop"},
	"spec": {"acme": {"solvers": [{"dns01": {"route53": {}}}, {"http01": solver}]}},
}

findings(issuer, quota) := found if {
	found := acme_solver.deny with input as {"objects": [issuer, quota]}
}

test_fail if {
	some finding in findings(issuer("Issuer", {"ingress": {"ingressClassName": "nginx"}}), quota("shop", "0"))
	finding.msg == "cert-manager answers challenges through a Service of type NodePort, which ResourceQuota quota refuses"
	finding.path == ["spec", "acme", "solvers", 1, "http01", "ingress", "serviceType"]
	finding.related[0].path == ["spec", "hard", "services.nodeports"]
}

test_fail_ways if {
	every solver in [{"ingress": null}, {"ingress": {"serviceType": ""}}, {"ingress": {"serviceType": "NodePort"}}, {"gatewayHTTPRoute": {}}] {
		count(findings(issuer("Issuer", solver), quota("shop", 0))) == 1
	}
}

test_fail_cluster_issuer if {
	count(findings(issuer("ClusterIssuer", {"ingress": {}}), quota("elsewhere", "0"))) == 1
}

test_pass_cluster_ip if {
	count(findings(issuer("Issuer", {"ingress": {"serviceType": "ClusterIP"}}), quota("shop", "0"))) == 0
}

test_pass_quota_with_room if {
	count(findings(issuer("Issuer", {"ingress": {}}), quota("shop", "1"))) == 0
}

test_pass_quota_of_another_namespace if {
	count(findings(issuer("Issuer", {"ingress": {}}), quota("elsewhere", "0"))) == 0
}

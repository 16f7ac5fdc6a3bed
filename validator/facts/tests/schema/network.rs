//! Services, Ingresses, NetworkPolicies, EndpointSlices.

use kubevet_facts::schema::Version;

use super::{table, table_for, table_since};

#[test]
fn services() {
    let service = "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {%}}";
    table(
        service,
        &[
            ("ports: [{port: 80, targetPort: http}]", &[]),
            ("clusterIP: None", &[]),
            ("type: ExternalName, externalName: example.com.", &[]),
            ("selector: {a: b}", &["required spec.ports"]),
            ("ports: [{port: 0}]", &["invalid spec.ports[0].port"]),
            ("ports: [{port: 80, targetPort: '8080'}]", &["invalid spec.ports[0].targetPort"]),
            ("ports: [{port: 80}, {port: 81, name: b}]", &["required spec.ports[0].name"]),
            ("ports: [{port: 80, name: a}, {port: 80, name: b}]", &["duplicate spec.ports[1]"]),
            ("ports: [{port: 80, nodePort: 30080}]", &["forbidden spec.ports[0].nodePort"]),
            ("type: NodePort, ports: [{port: 80, nodePort: 8080}]", &["invalid spec.ports[0].nodePort"]),
            ("type: NodePort, ports: [{port: 80, nodePort: 30080}]", &[]),
            ("type: LoadBalancer, clusterIP: None, ports: [{port: 80}]", &["invalid spec.clusterIP"]),
            ("type: ExternalName", &["required spec.externalName"]),
            ("ports: [{port: 80}], externalTrafficPolicy: Local", &["invalid spec.externalTrafficPolicy"]),
            ("ports: [{port: 80}], loadBalancerSourceRanges: [10.0.0.0/8]", &["forbidden spec.loadBalancerSourceRanges"]),
            ("ports: [{port: 80}], externalIPs: [127.0.0.1]", &["invalid spec.externalIPs[0]"]),
            (
                "ports: [{port: 80}], sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 0}}",
                &["invalid spec.sessionAffinityConfig.clientIP.timeoutSeconds"],
            ),
            ("ports: [{port: 80}], selector: {matchLabels: {a: b}}", &["type spec.selector[matchLabels]"]),
        ],
    );
    let families =
        "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {ports: [{port: 80}], ipFamilies: [IPv4, IPv6], ipFamilyPolicy: %}}";
    table(families, &[("PreferDualStack", &[]), ("SingleStack", &["invalid spec.ipFamilyPolicy"])]);
    let ranges = "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {type: LoadBalancer, ports: [{port: 80}], loadBalancerSourceRanges: [%]}}";
    table(ranges, &[("10.0.0.0/8, 2001:db8::/32", &[]), ("10.0.0.1", &["invalid spec.loadBalancerSourceRanges[0]"])]);
    table_since(Version::V1_36, ranges, &[("10.0.0.1/8", &[], &["invalid spec.loadBalancerSourceRanges[0]"])]);
    let zone = "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {ports: [{port: 80}], trafficDistribution: %}}";
    let unknown: &[&str] = &["unknown spec.trafficDistribution"];
    table_since(Version::V1_30, zone, &[("PreferClose", unknown, &[])]);
    // 1.30 drops the field, whatever is in it.
    for (version, expected) in [(Version::V1_29, unknown), (Version::V1_30, &[]), (Version::V1_31, &["enum spec.trafficDistribution"])] {
        table_for(version, zone, &[("PreferNothing", expected)]);
    }
    for version in [Version::V1_31, Version::V1_32, Version::V1_33] {
        table_for(version, zone, &[("PreferSameZone", &["enum spec.trafficDistribution"])]);
    }
    table_for(Version::V1_34, zone, &[("PreferSameZone", &[])]);
    table_for(Version::V1_36, zone, &[("PreferSameZone", &[])]);
}

#[test]
fn ingresses() {
    let ingress = "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a}, spec: {%}}";
    let backend = "backend: {service: {name: a, port: {number: 80}}}";
    let rule = |path: &str| format!("rules: [{{http: {{paths: [{{{path}}}]}}}}]");
    let path = "spec.rules[0].http.paths[0]";
    table(
        ingress,
        &[
            ("defaultBackend: {service: {name: a, port: {name: http}}}, tls: [{hosts: ['*.example.com']}]", &[]),
            ("", &["invalid spec"]),
            ("rules: [{host: Example.com}]", &["invalid spec.rules[0].host"]),
            ("rules: [{host: 10.0.0.1}]", &["invalid spec.rules[0].host"]),
            ("rules: [{http: {}}]", &["required spec.rules[0].http.paths"]),
            (&rule(&format!("pathType: Prefix, path: /, {backend}")), &[]),
            (&rule(&format!("path: /, {backend}")), &[&format!("required {path}.pathType")]),
            (&rule(&format!("pathType: Exact, path: a, {backend}")), &[&format!("invalid {path}.path")]),
            (&rule(&format!("pathType: Prefix, path: /a/../b, {backend}")), &[&format!("invalid {path}.path")]),
            (&rule("pathType: Prefix, path: /, backend: {service: {name: a}}"), &[&format!("required {path}.backend")]),
            (&rule("pathType: Prefix, path: /, backend: {service: {name: a, port: 80}}"), &[&format!("type {path}.backend.service.port")]),
            (&rule("pathType: Prefix, path: /, backend: {serviceName: a}"), &[&format!("unknown {path}.backend.serviceName")]),
        ],
    );
}

#[test]
fn network_policies() {
    let policy = "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: a}, spec: {%}}";
    table(
        policy,
        &[
            ("", &[]),
            ("podSelector: {}, policyTypes: [Ingress, Egress]", &[]),
            ("policyTypes: [ingress]", &["enum spec.policyTypes[0]"]),
            ("ingress: [{from: [{}]}]", &["required spec.ingress[0].from[0]"]),
            ("ingress: [{from: [{podSelector: {}, ipBlock: {cidr: 10.0.0.0/8}}]}]", &["forbidden spec.ingress[0].from[0]"]),
            ("egress: [{to: [{ipBlock: {cidr: 10.0.0.0}}]}]", &["invalid spec.egress[0].to[0].ipBlock.cidr"]),
            ("egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.0/16]}}]}]", &["invalid spec.egress[0].to[0].ipBlock.except[0]"]),
            ("egress: [{ports: [{port: 80, endPort: 79}]}]", &["invalid spec.egress[0].ports[0].endPort"]),
            ("egress: [{ports: [{endPort: 79}]}]", &["required spec.egress[0].ports[0].port"]),
            ("egress: [{ports: [{port: http, endPort: 79}]}]", &["invalid spec.egress[0].ports[0].endPort"]),
            ("egress: [{from: []}]", &["unknown spec.egress[0].from"]),
        ],
    );
}

#[test]
fn endpoint_slices() {
    let slice = "{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: a}, %}";
    table(
        slice,
        &[
            ("addressType: IPv4, endpoints: [{addresses: [10.0.0.1]}], ports: [{port: 80}]", &[]),
            ("endpoints: []", &["required addressType"]),
            ("addressType: IPv4, endpoints: [{addresses: []}]", &["required endpoints[0].addresses"]),
            ("addressType: IPv4, endpoints: [{addresses: ['::1']}]", &["invalid endpoints[0].addresses[0]"]),
            ("addressType: IPv4, endpoints: [], ports: [{port: 80}, {port: 81}]", &["duplicate ports[1].name"]),
        ],
    );
}

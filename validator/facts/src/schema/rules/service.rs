//! Services, Endpoints and EndpointSlices.

use super::{check, check_if_set, duplicates, metadata, port_number, unique_names};
use crate::schema::Reason;
use crate::schema::cursor::At;
use crate::schema::features::Feature;
use crate::schema::format::{name, net};

/// The range that API servers have by default.
const NODE_PORTS: std::ops::RangeInclusive<i64> = 30000..=32767;
const LONGEST_AFFINITY_SECONDS: i64 = 86400;

pub(super) fn service(at: At<'_>) {
    let spec = at.get("spec");
    let kind = spec.get("type").str_or("ClusterIP");
    let strict = at.doc.version.has(Feature::StrictIPCIDRValidation);
    metadata::labels(spec.get("selector"));
    ports(spec, kind);
    cluster_ips(spec, kind, strict);
    families(spec, kind);

    let affinity = spec.get("sessionAffinity");
    let timeout = spec.at(&["sessionAffinityConfig", "clientIP", "timeoutSeconds"]);
    if affinity.str() == "ClientIP" {
        timeout.within(1, LONGEST_AFFINITY_SECONDS);
    }
    let externals = spec.get("externalIPs");
    for ip in externals.items() {
        match net::ip(ip.str(), strict).and_then(|ip| net::special(ip).map_or(Ok(()), Err)) {
            Ok(()) => {}
            Err(rule) => ip.breaks(rule),
        }
    }
    if kind == "ExternalName" {
        let external = spec.get("externalName");
        if external.not_empty()
            && let Err(rule) = name::dns_subdomain(external.str().strip_suffix('.').unwrap_or(external.str()))
        {
            external.breaks(rule);
        }
    }
    let is_external = matches!(kind, "NodePort" | "LoadBalancer") || (kind == "ClusterIP" && !externals.is_empty());
    traffic_policy(spec, kind, is_external);
    load_balancer(at, spec, kind, strict);
    let distribution = spec.get("trafficDistribution");
    if distribution.exists() {
        let newer: &[&str] = &["PreferClose", "PreferSameZone", "PreferSameNode"];
        distribution.one_of(if at.doc.version.has(Feature::PreferSameTrafficDistribution) { newer } else { &["PreferClose"] });
    }
}

fn is_headless(spec: At<'_>) -> bool {
    spec.get("clusterIP").str() == "None" || spec.get("clusterIPs").items().next().is_some_and(|ip| ip.str() == "None")
}

fn ports(spec: At<'_>, kind: &str) {
    let ports = spec.get("ports");
    if ports.is_empty() && !is_headless(spec) && kind != "ExternalName" && !ports.is_broken() {
        ports.required("at least one port");
    }
    for port in ports.items() {
        let (label, target, node_port) = (port.get("name"), port.get("targetPort"), port.get("nodePort"));
        if ports.len() > 1 {
            label.not_empty();
        }
        check_if_set(label, name::dns_label);
        port_number(port.get("port"));
        check_if_set(port.get("appProtocol"), name::qualified_name);
        // 0 and "" stand for the Service's own port.
        check_if_set(target, name::port_name);
        if target.int() != Some(0) {
            target.within(1, 65535);
        }
        match node_port.int() {
            None | Some(0) => {}
            Some(_) if kind == "ClusterIP" => node_port.clashes(spec.get("type"), format!("must not be set in a Service of type {kind}")),
            Some(number) if !NODE_PORTS.contains(&number) => {
                node_port.invalid(format!(
                    "must be in the range of node ports, {} to {}, but is {number}",
                    NODE_PORTS.start(),
                    NODE_PORTS.end()
                ));
            }
            Some(_) => {}
        }
    }
    unique_names(ports.items(), "name");
    let with_protocol = |field: &'static str| {
        move |port: At<'_>| {
            let number = port.get(field).int().filter(|number| *number != 0)?;
            Some((number, port.get("protocol").str_or("TCP").to_owned()))
        }
    };
    duplicates(ports.items(), with_protocol("port"), |port| port.duplicate("has the port and protocol of another port"));
    duplicates(ports.items(), with_protocol("nodePort"), |port| port.get("nodePort").duplicate("is there already"));
}

fn cluster_ips(spec: At<'_>, kind: &str, strict: bool) {
    let (ip, ips) = (spec.get("clusterIP"), spec.get("clusterIPs"));
    let stated = !ip.str().is_empty() || !ips.is_empty();
    if kind == "ExternalName" {
        if stated {
            let at = if ip.str().is_empty() { ips } else { ip };
            at.clashes(spec.get("type"), "must not be set in a Service of type ExternalName");
        }
        return;
    }
    let first = ips.items().next();
    if let Some(first) = first.filter(|first| first.str() != ip.str()) {
        ips.report(Reason::Invalid, format!("must start with clusterIP ({:?}), but starts with {}", ip.str(), first.shown()));
    }
    if is_headless(spec) {
        let at = if ip.str() == "None" { ip } else { ips };
        if matches!(kind, "LoadBalancer" | "NodePort") {
            at.invalid(format!("must not be None in a Service of type {kind}"));
        }
        if ips.len() > 1 {
            ips.invalid("must not have more than None in a headless Service");
        }
        return;
    }
    if ips.len() > 2 {
        ips.invalid("must have at most two addresses");
    }
    let all = ips.items().chain(Some(ip).filter(|ip| !ip.str().is_empty()));
    for at in all {
        if let Err(rule) = net::ip(at.str(), strict) {
            at.breaks(rule);
        }
    }
}

fn families(spec: At<'_>, kind: &str) {
    let (families, policy) = (spec.get("ipFamilies"), spec.get("ipFamilyPolicy"));
    if kind == "ExternalName" {
        [families, policy]
            .into_iter()
            .filter(|at| at.exists())
            .for_each(|at| at.clashes(spec.get("type"), "must not be set in a Service of type ExternalName"));
        return;
    }
    families.items().for_each(|family| _ = family.one_of(&["IPv4", "IPv6"]));
    duplicates(families.items(), |family| Some(family.str()), |family| family.duplicate("is there already"));
    policy.one_of_if_set(&["PreferDualStack", "RequireDualStack", "SingleStack"]);
    if policy.str() == "SingleStack" && (families.len() > 1 || spec.get("clusterIPs").len() > 1) {
        policy.invalid("must be PreferDualStack or RequireDualStack with two ipFamilies or clusterIPs");
    }
}

fn traffic_policy(spec: At<'_>, kind: &str, is_external: bool) {
    let (policy, health) = (spec.get("externalTrafficPolicy"), spec.get("healthCheckNodePort"));
    if !policy.str().is_empty() && !is_external {
        policy.invalid(format!("must not be set in a Service of type {kind} without externalIPs, which nothing outside reaches"));
    }
    if let Some(port) = health.int().filter(|port| *port != 0) {
        if kind != "LoadBalancer" || policy.str() != "Local" {
            health.invalid("must not be set except with type LoadBalancer and externalTrafficPolicy: Local");
        } else if !(1..=65535).contains(&port) {
            port_number(health);
        }
    }
}

fn load_balancer(at: At<'_>, spec: At<'_>, kind: &str, strict: bool) {
    let ranges = spec.get("loadBalancerSourceRanges");
    let annotation = at.at(&["metadata", "annotations"]).key("service.beta.kubernetes.io/load-balancer-source-ranges");
    let class = spec.get("loadBalancerClass");
    if kind != "LoadBalancer" {
        for field in [class, spec.get("allocateLoadBalancerNodePorts")].into_iter().filter(|field| field.exists()) {
            field.clashes(spec.get("type"), format!("must not be set in a Service of type {kind}"));
        }
        if !ranges.is_empty() {
            ranges.clashes(spec.get("type"), format!("must not be set in a Service of type {kind}"));
        }
        return;
    }
    if class.exists() {
        check(class, name::qualified_name);
    }
    for range in ranges.items() {
        if let Err(rule) = net::cidr(range.str().trim(), strict) {
            range.breaks(rule);
        }
    }
    let wrong = |text: &str| text.split(',').any(|range| net::cidr(range.trim(), strict).is_err());
    if ranges.is_empty() && !annotation.str().trim().is_empty() && wrong(annotation.str()) {
        annotation.breaks("must be CIDR blocks with commas between, such as \"10.0.0.0/24,192.168.2.0/24\"");
    }
}

pub(super) fn endpoints(at: At<'_>) {
    for subset in at.get("subsets").items() {
        let (ready, not_ready) = (subset.get("addresses"), subset.get("notReadyAddresses"));
        if ready.is_empty() && not_ready.is_empty() {
            subset.required("addresses or notReadyAddresses");
        }
        for address in ready.items().chain(not_ready.items()) {
            let ip = address.get("ip");
            let strict = at.doc.version.has(Feature::StrictIPCIDRValidation);
            if let Err(rule) = net::ip(ip.str(), strict).and_then(|ip| net::special(ip).map_or(Ok(()), Err)) {
                ip.breaks(rule);
            }
            check_if_set(address.get("hostname"), name::dns_label);
            check_if_set(address.get("nodeName"), name::dns_subdomain);
        }
        let ports = subset.get("ports");
        for port in ports.items() {
            if ports.len() > 1 {
                port.get("name").not_empty();
            }
            check_if_set(port.get("name"), name::dns_label);
            port_number(port.get("port"));
            check_if_set(port.get("appProtocol"), name::qualified_name);
        }
    }
}

const MOST_ADDRESSES: usize = 100;
const MOST_ENDPOINTS: usize = 1000;

pub(super) fn endpoint_slice(at: At<'_>) {
    let (kind, endpoints, ports) = (at.get("addressType"), at.get("endpoints"), at.get("ports"));
    if kind.str().is_empty() && !kind.is_broken() {
        kind.required("IPv4, IPv6 or FQDN");
    }
    if endpoints.len() > MOST_ENDPOINTS {
        endpoints.invalid(format!("must have at most {MOST_ENDPOINTS} elements, but has {}", endpoints.len()));
    }
    for endpoint in endpoints.items() {
        let addresses = endpoint.get("addresses");
        if addresses.is_empty() && !addresses.is_broken() {
            addresses.required("at least one address");
        }
        if addresses.len() > MOST_ADDRESSES {
            addresses.invalid(format!("must have at most {MOST_ADDRESSES} addresses, but has {}", addresses.len()));
        }
        addresses.items().for_each(|address| slice_address(address, kind.str()));
        if endpoint.get("hostname").exists() {
            check(endpoint.get("hostname"), name::dns_label);
        }
        if endpoint.get("nodeName").exists() {
            check(endpoint.get("nodeName"), name::dns_subdomain);
        }
    }
    for port in ports.items() {
        check_if_set(port.get("name"), name::dns_label);
        check_if_set(port.get("appProtocol"), name::qualified_name);
    }
    // A port without a name has the empty name, and only one may.
    duplicates(ports.items(), |port| Some(port.get("name").str()), |port| port.get("name").duplicate("is there already"));
}

fn slice_address(address: At<'_>, kind: &str) {
    let strict = address.doc.version.has(Feature::StrictIPCIDRValidation);
    let of_family = |wanted_v4: bool, family: &'static str| {
        let ip = net::ip(address.str(), strict)?;
        if ip.is_ipv4() == wanted_v4 { net::special(ip).map_or(Ok(()), Err) } else { Err(family) }
    };
    let result = match kind {
        "IPv4" => of_family(true, "must be an IPv4 address"),
        "IPv6" => of_family(false, "must be an IPv6 address"),
        "FQDN" => name::fully_qualified(address.str()),
        _ => Ok(()),
    };
    if let Err(rule) = result {
        address.breaks(rule);
    }
}

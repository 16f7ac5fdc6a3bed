//! Services: what is allocated stays, what belongs to another type goes, and an address never changes.

use serde_json::Value as Json;

use super::Check;
use crate::change::Why;
use crate::change::json::{at, is_empty, put, take, text};

fn kind(service: &Json) -> &str {
    Some(text(service, &["spec", "type"])).filter(|kind| !kind.is_empty()).unwrap_or("ClusterIP")
}

fn has_cluster_ip(service: &Json) -> bool {
    kind(service) != "ExternalName"
}

fn has_node_ports(service: &Json) -> bool {
    let allocates = at(service, &["spec", "allocateLoadBalancerNodePorts"]) != Some(&Json::Bool(false));
    kind(service) == "NodePort" || (kind(service) == "LoadBalancer" && allocates)
}

fn has_health_port(service: &Json) -> bool {
    kind(service) == "LoadBalancer" && text(service, &["spec", "externalTrafficPolicy"]) == "Local"
}

fn has_external_policy(service: &Json) -> bool {
    matches!(kind(service), "NodePort" | "LoadBalancer")
        || (kind(service) == "ClusterIP" && at(service, &["spec", "externalIPs"]).is_some_and(|ips| !is_empty(ips)))
}

/// Brings over what was allocated and not named, and takes out what the type doesn't have and the update didn't touch.
/// Source: `patchAllocatedValues` and `dropTypeDependentFields` of `pkg/registry/core/service`.
pub(super) fn prepare(live: &Json, merged: &mut Json) {
    // Whoever takes out the one address means both fields.
    const ONE: &[&str] = &["spec", "clusterIP"];
    const ALL: &[&str] = &["spec", "clusterIPs"];
    let is_unset = |service: &Json, keys: &[&str]| at(service, keys).is_none_or(|value| is_empty(value) || value == "");
    if is_unset(merged, ONE) && at(merged, ALL) == at(live, ALL) {
        take(merged, ALL);
    } else if at(merged, ONE) != at(live, ONE) && at(merged, ALL) == at(live, ALL) {
        put(merged, ALL, at(merged, ONE).cloned().map(|ip| Json::Array(vec![ip])));
    }
    if has_cluster_ip(live) && has_cluster_ip(merged) && is_unset(merged, ONE) && is_unset(merged, ALL) {
        put(merged, ONE, at(live, ONE).cloned());
        put(merged, ALL, at(live, ALL).cloned());
    }
    if has_cluster_ip(live) && !has_cluster_ip(merged) && at(merged, ONE) == at(live, ONE) {
        for field in ["clusterIP", "clusterIPs"] {
            take(merged, &["spec", field]);
        }
    }
    if has_cluster_ip(live) && !has_cluster_ip(merged) {
        for field in ["ipFamilies", "ipFamilyPolicy"] {
            drop_same(live, merged, &["spec", field]);
        }
    }
    let ports = |service: &Json| at(service, &["spec", "ports"]).and_then(Json::as_array).cloned().unwrap_or_default();
    let before = ports(live);
    let (had, has) = (has_node_ports(live), has_node_ports(merged));
    let same = |port: &Json, other: &Json| {
        let protocol = |port| Some(text(port, &["protocol"])).filter(|name| !name.is_empty()).unwrap_or("TCP").to_owned();
        at(port, &["port"]) == at(other, &["port"]) && protocol(port) == protocol(other)
    };
    let numbers = |ports: &[Json]| -> Vec<_> { ports.iter().map(|port| at(port, &["nodePort"]).cloned()).collect() };
    let keeps_numbers = numbers(&before) == numbers(&ports(merged));
    let after = merged.get_mut("spec").and_then(|spec| spec.get_mut("ports")).and_then(Json::as_array_mut);
    for port in after.into_iter().flatten() {
        let was = before.iter().find(|old| same(old, port)).and_then(|old| at(old, &["nodePort"])).cloned();
        match (had, has) {
            (true, true) if at(port, &["nodePort"]).is_none() => put(port, &["nodePort"], was),
            (true, false) if keeps_numbers => _ = take(port, &["nodePort"]),
            _ => {}
        }
    }
    const HEALTH: &[&str] = &["spec", "healthCheckNodePort"];
    match (has_health_port(live), has_health_port(merged)) {
        (true, true) if is_unset(merged, HEALTH) => put(merged, HEALTH, at(live, HEALTH).cloned()),
        (true, false) => drop_same(live, merged, HEALTH),
        _ => {}
    }
    if kind(live) == "LoadBalancer" && kind(merged) != "LoadBalancer" {
        for field in ["allocateLoadBalancerNodePorts", "loadBalancerClass"] {
            drop_same(live, merged, &["spec", field]);
        }
    }
    if has_external_policy(live) && !has_external_policy(merged) {
        drop_same(live, merged, &["spec", "externalTrafficPolicy"]);
    }
    if kind(live) != "ExternalName" && kind(merged) == "ExternalName" {
        drop_same(live, merged, &["spec", "internalTrafficPolicy"]);
    }
}

fn drop_same(live: &Json, merged: &mut Json, keys: &[&str]) {
    if at(live, keys) == at(merged, keys) {
        take(merged, keys);
    }
}

pub(super) fn check(check: &mut Check<'_>) {
    let (live, stored) = (check.live, check.stored);
    const IP: &[&str] = &["spec", "clusterIP"];
    if has_cluster_ip(live) && has_cluster_ip(stored) && text(live, IP) != text(stored, IP) {
        let message = match text(live, IP) {
            "" => "is allocated and can't change, unless this is the address that it has: delete the Service first",
            "None" => "can't change: a headless Service stays one; delete it first",
            _ => "can't change: delete the Service first",
        };
        check.refuse(IP, "spec.clusterIPs[0]", Why::Invalid, message);
    }
    if kind(live) == "LoadBalancer" && kind(stored) == "LoadBalancer" {
        const CLASS: &[&str] = &["spec", "loadBalancerClass"];
        if at(live, CLASS) != at(stored, CLASS) {
            check.refuse(CLASS, "spec.loadBalancerClass", Why::Invalid, "can't change");
        }
    }
    const HEALTH: &[&str] = &["spec", "healthCheckNodePort"];
    if has_health_port(live) && has_health_port(stored) && at(live, HEALTH) != at(stored, HEALTH) {
        check.refuse(HEALTH, "spec.healthCheckNodePort", Why::Forbidden, "is allocated and can't change");
    }
    const FAMILIES: &[&str] = &["spec", "ipFamilies"];
    let primary = |service| at(service, FAMILIES).and_then(|families| families.get(0)).cloned();
    if has_cluster_ip(live) && has_cluster_ip(stored) && primary(live) != primary(stored) {
        // The address is of the old family.
        let field = if text(live, IP) == "None" { "spec.ipFamilies[0]" } else { "spec.clusterIPs[0]" };
        check.refuse(FAMILIES, field, Why::Invalid, "can't change: delete the Service first");
    }
}

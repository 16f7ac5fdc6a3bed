//! NetworkPolicies.

use super::{check, port_number, selector};
use crate::schema::cursor::At;
use crate::schema::features::Feature;
use crate::schema::format::{name, net};

pub(super) fn network_policy(at: At<'_>) {
    let spec = at.get("spec");
    selector::label_selector(spec.get("podSelector"));
    for rule in spec.get("ingress").items() {
        rule.get("ports").items().for_each(port);
        rule.get("from").items().for_each(peer);
    }
    for rule in spec.get("egress").items() {
        rule.get("ports").items().for_each(port);
        rule.get("to").items().for_each(peer);
    }
    let types = spec.get("policyTypes");
    if types.len() > 2 {
        types.invalid("must not have more than Ingress and Egress");
    }
    types.items().for_each(|kind| _ = kind.one_of(&["Ingress", "Egress"]));
}

fn port(at: At<'_>) {
    let (port, end) = (at.get("port"), at.get("endPort"));
    at.get("protocol").one_of_if_set(&["TCP", "UDP", "SCTP"]);
    if port.node().is_some_and(|node| node.as_str().is_some()) {
        if end.exists() {
            end.invalid("must not be set beside a port that is a name");
        }
        check(port, name::port_name);
    } else if port.exists() {
        port_number(port);
        if let Some((last, first)) = end.int().zip(port.int()) {
            if last < first {
                end.invalid(format!("must not be lower than port ({first}), but is {last}"));
            } else {
                port_number(end);
            }
        }
    } else if end.exists() {
        port.required("with endPort");
    }
}

fn peer(peer: At<'_>) {
    let (pods, namespaces, block) = (peer.get("podSelector"), peer.get("namespaceSelector"), peer.get("ipBlock"));
    selector::label_selector(pods);
    selector::label_selector(namespaces);
    let selects = pods.exists() || namespaces.exists();
    if block.exists() {
        if selects {
            peer.forbidden("must not have ipBlock beside a selector");
        }
        ip_block(block);
    } else if !selects && !peer.is_broken() {
        peer.required("podSelector, namespaceSelector or ipBlock");
    }
}

fn ip_block(block: At<'_>) {
    let strict = block.doc.version.has(Feature::StrictIPCIDRValidation);
    let cidr = block.get("cidr");
    if !cidr.not_empty() {
        return;
    }
    let all = net::cidr(cidr.str(), strict);
    if let Err(rule) = all {
        cidr.breaks(rule);
    }
    for except in block.get("except").items() {
        match (net::cidr(except.str(), strict), all) {
            (Err(rule), _) => except.breaks(rule),
            (Ok(inner), Ok(outer)) if !outer.strictly_contains(inner) => {
                except.breaks(format!("must be a smaller block inside of cidr ({})", cidr.str()))
            }
            _ => {}
        }
    }
}

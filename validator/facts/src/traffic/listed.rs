//! Services without a selector: who needs them must be let out to the addresses that are listed for them by hand.

use std::collections::{HashMap, HashSet};
use std::net::Ipv4Addr;

use kustomize::Node;

use super::closed::Closed;
use super::flows::{BlockedFlow, MOST_NAMED};
use super::needs::Needs;
use super::network::Network;
use super::policy::Direction;
use super::ports::Protocol;
use super::services::Services;
use crate::objects::{Index, Object, Place};

/// The label by which an EndpointSlice says whose it is.
const SERVICE: &str = "kubernetes.io/service-name";

/// An address behind a Service, IPv4.
struct Address<'a> {
    /// Where the object that lists it stands among all objects.
    at: usize,
    address: u32,
    /// The name of the port; empty if it has none.
    name: &'a str,
    protocol: Protocol,
    port: u16,
}

/// The flows to listed addresses that are needed and that no policy lets out, with the sender's number.
pub(super) fn blocked(index: &Index<'_>, network: &Network<'_>, services: &Services<'_>, needs: &Needs) -> Vec<(usize, BlockedFlow)> {
    let listed = listed(index);
    if listed.is_empty() {
        return Vec::new();
    }
    let (mut found, mut seen, mut outside) = (Vec::new(), HashSet::new(), HashMap::new());
    // Where a name is handed to many, nobody knows which of them uses it.
    for need in needs.all.iter().filter(|need| !need.shared) {
        let Some(service) = services.all.get(need.service).filter(|service| !service.selects) else { continue };
        let (Some(addresses), Some(sender)) = (
            listed.get(&(service.namespace, service.name)),
            network.cluster.workloads.get(need.from).filter(|sender| !sender.host_network),
        ) else {
            continue;
        };
        let isolated_by = network.isolated_by(Direction::Egress, need.from);
        if isolated_by.is_empty() || !seen.insert((need.from, need.service)) {
            continue;
        }
        let asked = service.ports.iter().find(|port| Some(port.port) == need.port).map(|port| port.name);
        let allowed = &*outside.entry(need.from).or_insert_with(|| network.outside(Direction::Egress, need.from));
        let is_closed = |address: &&Address<'_>| {
            let lets_out = |(protocol, (low, high), ports): &(Protocol, (u32, u32), super::ports::PortSet)| {
                *protocol == address.protocol && (*low..=*high).contains(&address.address) && ports.contains(address.port)
            };
            asked.is_none_or(|name| name == address.name) && !allowed.iter().any(lets_out)
        };
        let Some(closed) = addresses.iter().find(is_closed) else { continue };
        let Some(object) = index.objects.get(closed.at) else { continue };
        let side = Closed::to_address(index, network, need.from, Ipv4Addr::from_bits(closed.address));
        let policies = isolated_by.iter().filter_map(|number| index.objects.get(network.policies.get(*number)?.at));
        found.push((
            need.from,
            BlockedFlow {
                path: need.path.clone(),
                source: Place::elsewhere(index, sender.at, &need.at),
                service: service.name.into(),
                to: object.id(),
                protocol: closed.protocol,
                port: closed.port,
                by: vec![Direction::Egress],
                policies: policies.take(MOST_NAMED).map(Object::id).collect(),
                closed: side.into_iter().collect(),
            },
        ));
    }
    found
}

/// What EndpointSlices and Endpoints list, by the namespace and name of the Service.
fn listed<'a>(index: &Index<'a>) -> HashMap<(&'a str, &'a str), Vec<Address<'a>>> {
    let mut listed: HashMap<_, Vec<_>> = HashMap::new();
    let objects = |group, kind| index.of_kind(group, kind).iter().filter_map(|at| Some((*at, index.objects.get(*at)?)));
    for (at, object) in objects("discovery.k8s.io", "EndpointSlice") {
        let Some(service) = object.labels().and_then(|labels| labels.str_at(&[SERVICE])) else { continue };
        let addresses = list(object.node, "endpoints").iter().flat_map(|endpoint| list(endpoint, "addresses")).filter_map(Node::as_str);
        add(listed.entry((object.namespace, service)).or_default(), at, addresses, list(object.node, "ports"));
    }
    for (at, object) in objects("", "Endpoints") {
        for subset in list(object.node, "subsets") {
            let addresses = list(subset, "addresses").iter().filter_map(|address| address.str_at(&["ip"]));
            add(listed.entry((object.namespace, object.name)).or_default(), at, addresses, list(subset, "ports"));
        }
    }
    listed
}

fn add<'a>(to: &mut Vec<Address<'a>>, at: usize, addresses: impl Iterator<Item = &'a str>, ports: &'a [Node]) {
    for address in addresses.filter_map(|address| address.parse::<Ipv4Addr>().ok()) {
        to.extend(ports.iter().filter_map(|port| {
            let number = port.get("port")?.as_i64().and_then(|number| u16::try_from(number).ok())?;
            let protocol = Protocol::parse(port.str_at(&["protocol"]).unwrap_or("TCP"))?;
            Some(Address { at, address: address.to_bits(), name: port.str_at(&["name"]).unwrap_or(""), protocol, port: number })
        }));
    }
}

fn list<'a>(node: &'a Node, key: &str) -> &'a [Node] {
    node.get(key).map_or(&[], Node::items)
}

//! Needed flows against allowed ones: what is needed but blocked, and what is allowed but needed by nobody.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde::Serialize;

use super::closed::Closed;
use super::cluster::{NAME_LABEL, Workload};
use super::ingresses;
use super::needs::{Need, Needs};
use super::network::{Network, Sides};
use super::policy::{Direction, Peer, Policy, Rule, Who};
use super::ports::Protocol;
use super::services::Services;
use crate::objects::{Index, Object, ObjectId, Path, Place};
use crate::selectors::LabelIndex;

/// A flow that a workload's configuration asks for and a NetworkPolicy forbids.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BlockedFlow {
    /// Where the workload takes the name of the Service from.
    pub path: Path,
    /// Where the text with the name stands, if that is another object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Place>,
    /// The Service's name.
    pub service: String,
    /// The workload behind it (or the resource that an operator makes it of).
    pub to: ObjectId,
    /// The protocol.
    pub protocol: Protocol,
    /// The port of the pods.
    pub port: u16,
    /// Which sides forbid it: the egress policies of the sender, the ingress policies of the listener.
    pub by: Vec<Direction>,
    /// The policies that isolate the sides that forbid it; of many only the first.
    pub policies: Vec<ObjectId>,
    /// What each of the sides that forbid it would have to allow, as far as labels can say it.
    pub closed: Vec<Closed>,
}

/// A backend of an Ingress that only pods of its own namespace may reach.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClosedBackend {
    /// Where the Ingress names it.
    pub path: Path,
    /// The workload behind the Service.
    pub to: ObjectId,
    /// The port of its pods.
    pub port: u16,
}

/// A flow that configuration asks for, once for each pair, protocol and port.
#[derive(Debug)]
pub struct Flow<'n> {
    /// The configuration that asks for it first.
    pub need: &'n Need,
    /// The number of the workload that listens.
    pub to: usize,
    /// The protocol.
    pub protocol: Protocol,
    /// The port of the pods.
    pub port: u16,
    /// Which sides forbid it.
    pub forbidden_by: Vec<Direction>,
}

/// Facts name no more policies than this that do the same, nor more workloads behind one name.
pub(super) const MOST_NAMED: usize = 16;

/// All flows that are needed.
pub fn needed<'n>(network: &Network<'_>, needs: &'n Needs) -> Vec<Flow<'n>> {
    let mut seen = HashSet::new();
    flows(network, needs).filter(|flow| seen.insert((flow.need.from, flow.to, flow.protocol, flow.port))).collect()
}

/// All flows that are needed; one may come twice.
fn flows<'n>(network: &Network<'_>, needs: &'n Needs) -> impl Iterator<Item = Flow<'n>> {
    let mut sides = Sides::new(network);
    let targets = needs.all.iter().flat_map(|need| need.targets.iter().map(move |target| (need, *target)));
    targets.filter_map(move |(need, (to, protocol, port))| {
        let mut closed = |direction: &Direction| !sides.one(*direction, need.from, to).of(protocol).contains(port);
        let forbidden_by: Vec<_> = [Direction::Egress, Direction::Ingress].into_iter().filter(|side| closed(side)).collect();
        // Where a name is handed to many and neither side allows the connection, this workload isn't one that uses it.
        let unused = need.shared && forbidden_by.len() == 2;
        (!unused).then_some(Flow { need, to, protocol, port, forbidden_by })
    })
}

/// The flows that are needed but blocked, with the sender's number; of many workloads behind one name only the first.
pub fn blocked(index: &Index<'_>, network: &Network<'_>, services: &Services<'_>, needs: &Needs) -> Vec<(usize, BlockedFlow)> {
    let workload = |number: usize| network.cluster.workloads.get(number).filter(|workload| !workload.host_network);
    let blocked = |Flow { need, to, protocol, port, forbidden_by: by }: Flow<'_>| {
        let (sender, listener, service) = (workload(need.from)?, workload(to)?, services.all.get(need.service)?);
        let object = index.objects.get(listener.at)?;
        let side = |direction: &Direction| if *direction == Direction::Egress { need.from } else { to };
        let policies: BTreeSet<_> = by.iter().flat_map(|direction| network.isolated_by(*direction, side(direction))).collect();
        let policies = policies.into_iter().filter_map(|number| index.objects.get(network.policies.get(*number)?.at));
        let policies = policies.take(MOST_NAMED).map(Object::id).collect();
        let source = Place::elsewhere(index, sender.at, &need.at);
        let (path, service) = (need.path.clone(), service.name.into());
        let closed = by.iter().filter_map(|direction| {
            let (own, other) = if *direction == Direction::Egress { (need.from, to) } else { (to, need.from) };
            Closed::between(index, network, *direction, own, other)
        });
        let closed = closed.collect();
        Some((need.from, BlockedFlow { path, source, service, to: object.id(), protocol, port, by, policies, closed }))
    };
    let mut seen = HashSet::new();
    let mut named: HashMap<(usize, usize), usize> = HashMap::new();
    let forbidden = flows(network, needs).filter(|flow| !flow.forbidden_by.is_empty());
    let named = forbidden.filter(|flow| {
        let known = named.get(&(flow.need.from, flow.need.service)).copied().unwrap_or_default();
        let new = known < MOST_NAMED && seen.insert((flow.need.from, flow.to, flow.protocol, flow.port));
        if new {
            named.insert((flow.need.from, flow.need.service), known + 1);
        }
        new
    });
    named.filter_map(blocked).collect()
}

/// The backends that no ingress controller can reach, with the place of their Ingress among all objects.
pub fn closed_backends(index: &Index<'_>, network: &Network<'_>, services: &Services<'_>) -> Vec<(usize, ClosedBackend)> {
    let mut found = Vec::new();
    for backend in ingresses::backends(index) {
        let Some(service) = services.find(backend.namespace, backend.service) else { continue };
        let Some(port) = backend.port.of(service).filter(|port| port.protocol == Protocol::Tcp) else { continue };
        for number in service.workloads.iter().copied() {
            let Some(listener) = network.cluster.workloads.get(number).filter(|listener| !listener.host_network) else { continue };
            let (Some(port), Some(object)) = (port.on(&network.cluster, number), index.objects.get(listener.at)) else { continue };
            if !lets_a_controller_in(network, number, listener, port) {
                found.push((backend.at, ClosedBackend { path: backend.path.clone(), to: object.id(), port }));
            }
        }
    }
    found
}

/// Whether a pod that is not among the workloads may connect. The controller usually runs in a namespace of its own; in the workload's
/// own namespace it is one that other manifests bring, so a peer there that selects nothing may mean it.
fn lets_a_controller_in(network: &Network<'_>, number: usize, listener: &Workload<'_>, port: u16) -> bool {
    if network.isolated_by(Direction::Ingress, number).is_empty() {
        return true;
    }
    network.rules(Direction::Ingress, number).any(|(at, namespace, rule)| {
        let open = network.ports_of(at, listener).of(Protocol::Tcp).contains(port);
        let may_be_it = |peer: &Peer<'_>| match &peer.who {
            Who::Addresses { .. } | Who::Pods { namespaces: Some(_), .. } => true,
            Who::Pods { namespaces: None, .. } => network.cluster.select(&network.cluster.pods, peer, namespace).is_empty(),
        };
        open && rule.peers.as_ref().is_none_or(|peers| peers.iter().any(may_be_it))
    })
}

/// The rules of policies that let workloads talk to each other though no configuration asks for it, with the policy's number.
///
/// Judged only where all that a rule names is known: workloads of manifests that are here on both sides, and others on one side than on
/// the other (how pods of one workload talk among themselves is not in their configuration).
pub fn unneeded<'a>(network: &Network<'a>, needs: &Needs, visitors: &LabelIndex<'a>) -> Vec<(usize, Path)> {
    let used = used_rules(network, needs);
    let mut found = Vec::new();
    for (number, policy) in network.policies.iter().enumerate() {
        let selected = network.selected.get(number).map_or(&[][..], Vec::as_slice);
        for direction in Direction::ALL {
            for (at, rule) in policy.rules(direction).unwrap_or(&[]).iter().enumerate() {
                let unused = network.rule_number(number, direction, at).is_some_and(|rule| !used.contains(&rule));
                if unused && judgeable(network, visitors, policy, selected, rule) {
                    found.push((number, rule.path.clone()));
                }
            }
        }
    }
    found
}

fn used_rules(network: &Network<'_>, needs: &Needs) -> HashSet<usize> {
    let (mut used, mut seen) = (HashSet::new(), HashSet::new());
    for need in &needs.all {
        for (to, protocol, port) in &need.targets {
            let Some(listener) = network.cluster.workloads.get(*to) else { continue };
            if !seen.insert((network.class(need.from), network.class(*to), *protocol, *port)) {
                continue;
            }
            for (direction, own, other) in [(Direction::Egress, need.from, *to), (Direction::Ingress, *to, need.from)] {
                let open = network.rules(direction, own).filter(|(rule, _, _)| network.reaches(*rule, other));
                used.extend(open.map(|(rule, _, _)| rule).filter(|rule| network.ports_of(*rule, listener).of(*protocol).contains(*port)));
            }
        }
    }
    used
}

fn judgeable<'a>(network: &Network<'a>, visitors: &LabelIndex<'a>, policy: &Policy<'a>, selected: &[usize], rule: &Rule<'a>) -> bool {
    let cluster = &network.cluster;
    let by_manifest = |number: &usize| cluster.workloads.get(*number).is_some_and(|workload| workload.template.is_some());
    let known = |peer: &Peer<'a>| {
        let here = match &peer.who {
            Who::Addresses { .. } => false,
            Who::Pods { namespaces: None, .. } => cluster.knows_pods(policy.namespace),
            Who::Pods { namespaces: Some(namespaces), .. } => namespaces.pins(NAME_LABEL, |name| cluster.knows_pods(name)),
        };
        if !here {
            return false;
        }
        let others = cluster.select(&cluster.pods, peer, policy.namespace);
        !others.is_empty()
            && others.iter().all(|other| by_manifest(other) && selected.binary_search(other).is_err())
            && cluster.select(visitors, peer, policy.namespace).is_empty()
    };
    let visited = !visitors.select(policy.namespace, &policy.pods).is_empty();
    !visited && !selected.is_empty() && selected.iter().all(by_manifest) && rule.peers.as_ref().is_some_and(|peers| peers.iter().all(known))
}

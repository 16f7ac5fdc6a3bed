//! What the policies allow between the workloads: every policy resolved against the cluster.

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use super::addresses::{self, AddressRange};
use super::alike::Classes;
use super::cluster::{Cluster, Workload};
use super::policy::{Direction, Policy, Rule, Which, Who};
use super::ports::{PortSet, Ports, Protocol};
use crate::objects::{Index, ObjectId, Path, Refused};
use crate::selectors::Labels;

/// A NetworkPolicy that the API server would refuse, so that what it allows is unknown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Invalid {
    /// Where the object stands among all objects.
    #[serde(skip)]
    pub at: usize,
    /// Which one.
    pub object: ObjectId,
    /// Where in it.
    pub path: Path,
    /// What is wrong.
    pub message: String,
}

/// Workloads and the policies that hold for them.
#[derive(Debug)]
pub struct Network<'a> {
    /// Who is there.
    pub cluster: Cluster<'a>,
    /// The policies that could be read, in the order of their objects.
    pub policies: Vec<Policy<'a>>,
    /// Which workloads each policy selects, ascending.
    pub selected: Vec<Vec<usize>>,
    /// What is wrong with those that couldn't be read.
    pub invalid: Vec<Invalid>,
    rules: Vec<Resolved<'a>>,
    /// For each policy the number of its first rule, per direction.
    first_rules: Vec<[usize; 2]>,
    /// The peers of the rules, each set once.
    peers: Vec<Pods>,
    ingress: Isolations<'a>,
    egress: Isolations<'a>,
    /// Workloads for which, and between which, the policies allow the same.
    alike: Classes,
}

/// What holds for each workload in one direction.
#[derive(Debug)]
struct Isolations<'a> {
    /// Workloads that the same policies isolate.
    classes: Classes,
    /// By class.
    each: Vec<Isolation<'a>>,
}

impl<'a> Isolations<'a> {
    fn of(&self, workload: usize) -> Option<&Isolation<'a>> {
        self.each.get(self.classes.of(workload)?)
    }
}

/// What holds for some workloads in one direction.
#[derive(Clone, Debug, Default)]
struct Isolation<'a> {
    /// The policies that isolate them; without any, everything is allowed.
    policies: Vec<usize>,
    /// The rules that allow something.
    rules: Vec<usize>,
    /// What those rules allow, by the number of the peers.
    open: Vec<(usize, Open<'a>)>,
}

/// What a rule allows.
#[derive(Clone, Debug, Default)]
struct Open<'a> {
    /// The ports that are the same whoever the destination is.
    ports: Ports,
    named: Vec<(&'a str, Protocol)>,
}

/// A rule with its peers looked up.
#[derive(Debug)]
struct Resolved<'a> {
    /// The policy's number, and the rule's among those of its direction.
    from: (usize, usize),
    /// The number of its peers.
    peers: usize,
    addresses: Vec<AddressRange>,
    open: Open<'a>,
}

/// A set of workloads.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Pods {
    All,
    Some(Vec<u64>),
}

impl Pods {
    fn contains(&self, workload: usize) -> bool {
        match self {
            Pods::All => true,
            Pods::Some(bits) => bits.get(workload / 64).is_some_and(|word| word >> (workload % 64) & 1 == 1),
        }
    }
}

/// A pod that is not among the workloads, known only by its labels and those of its namespace.
#[derive(Clone, Debug, Default)]
pub struct Stranger<'a> {
    /// The labels of its namespace.
    pub namespace: Labels<'a>,
    /// Its own labels.
    pub pod: Labels<'a>,
    /// The ports that it names.
    pub ports: Vec<(&'a str, Protocol, u16)>,
}

impl<'a> Network<'a> {
    /// Reads the policies among the objects and resolves them against the workloads.
    pub fn new(index: &Index<'a>, cluster: Cluster<'a>) -> Self {
        let (mut policies, mut invalid) = (Vec::new(), Vec::new());
        let mut names = HashSet::new();
        for at in index.of_kind("networking.k8s.io", "NetworkPolicy").iter().copied() {
            let Some(object) = index.objects.get(at) else { continue };
            let read = match names.insert((object.namespace, object.name)) {
                true => Policy::read(at, object),
                false => Err(Refused::new("another NetworkPolicy of the namespace has this name").below("name").below("metadata")),
            };
            match read {
                Ok(policy) => policies.push(policy),
                Err(Refused { path, message }) => invalid.push(Invalid { at, object: object.id(), path, message }),
            }
        }
        let selected: Vec<_> = policies.iter().map(|policy| cluster.pods.select(policy.namespace, &policy.pods)).collect();
        let (mut rules, mut first_rules, mut peers) = (Vec::new(), Vec::new(), Peers::default());
        for (number, policy) in policies.iter().enumerate() {
            let mut first = [0; 2];
            for (first, direction) in first.iter_mut().zip(Direction::ALL) {
                *first = rules.len();
                let of_direction = policy.rules(direction).unwrap_or(&[]).iter().enumerate();
                rules.extend(of_direction.map(|(at, rule)| Resolved::new((number, at), rule, policy.namespace, &cluster, &mut peers)));
            }
            first_rules.push(first);
        }
        let isolations = |direction| Isolations::new(direction, &policies, &selected, &rules, &first_rules, cluster.workloads.len());
        let (ingress, egress) = (isolations(Direction::Ingress), isolations(Direction::Egress));
        let peers = peers.all;
        let alike = alike(&cluster.workloads, [&ingress, &egress], &peers);
        Network { cluster, policies, selected, invalid, rules, first_rules, peers, ingress, egress, alike }
    }

    fn isolation(&self, direction: Direction, workload: usize) -> Option<&Isolation<'a>> {
        match direction {
            Direction::Ingress => self.ingress.of(workload),
            Direction::Egress => self.egress.of(workload),
        }
    }

    /// A number that workloads share for which, and between which, the policies allow the same.
    pub fn class(&self, workload: usize) -> usize {
        self.alike.of(workload).unwrap_or_default()
    }

    /// Whether a set of peers has a workload.
    fn has(&self, peers: usize, workload: usize) -> bool {
        self.peers.get(peers).is_some_and(|peers| peers.contains(workload))
    }

    /// The policies that isolate a workload in a direction, by their numbers.
    pub fn isolated_by(&self, direction: Direction, workload: usize) -> &[usize] {
        self.isolation(direction, workload).map_or(&[], |isolation| &isolation.policies)
    }

    /// What a workload's own policies let through between it and another workload; `destination` is the one of the two that listens.
    fn side(&self, direction: Direction, workload: usize, other: usize, destination: &Workload<'_>) -> Ports {
        let allowed = self.isolation(direction, workload).filter(|isolation| !isolation.policies.is_empty());
        let Some(isolation) = allowed else { return Ports::all() };
        let mut ports = Ports::default();
        for (_, open) in isolation.open.iter().filter(|(peers, _)| self.has(*peers, other)) {
            open.add_to(&mut ports, |name, protocol| destination.named_port(name, protocol));
        }
        ports
    }

    /// What one workload may send to another (or to another pod of its own), by its own policies and by both sides' policies.
    pub fn between(&self, source: usize, destination: usize) -> Ports {
        let Some(listener) = self.cluster.workloads.get(destination) else { return Ports::default() };
        let out = self.side(Direction::Egress, source, destination, listener);
        if out.is_empty() {
            return out;
        }
        out.intersection(&self.side(Direction::Ingress, destination, source, listener))
    }

    /// What the policies of one side let through between two workloads: those of the source for egress, of the destination for ingress.
    pub fn one_side(&self, direction: Direction, source: usize, destination: usize) -> Ports {
        let Some(listener) = self.cluster.workloads.get(destination) else { return Ports::default() };
        match direction {
            Direction::Egress => self.side(direction, source, destination, listener),
            Direction::Ingress => self.side(direction, destination, source, listener),
        }
    }

    /// What a workload may exchange with a pod that is not among the workloads, as far as the workload's own policies go.
    pub fn with_stranger(&self, direction: Direction, workload: usize, stranger: &Stranger<'_>) -> Ports {
        let (Some(own), Some(isolation)) = (self.cluster.workloads.get(workload), self.isolation(direction, workload)) else {
            return Ports::default();
        };
        if isolation.policies.is_empty() {
            return Ports::all();
        }
        let mut ports = Ports::default();
        for resolved in isolation.rules.iter().filter_map(|rule| self.rules.get(*rule)) {
            let Some((namespace, rule)) = self.rule(direction, resolved) else { continue };
            if stranger.fits(rule, self.cluster.namespaces.get(namespace)) {
                resolved.open.add_to(&mut ports, |name, protocol| match direction {
                    Direction::Ingress => own.named_port(name, protocol),
                    Direction::Egress => stranger.named_port(name, protocol),
                });
            }
        }
        ports
    }

    /// The rules of the policies that isolate a workload, with their numbers and their policies' namespaces.
    pub fn rules(&self, direction: Direction, workload: usize) -> impl Iterator<Item = (usize, &'a str, &Rule<'a>)> {
        let numbers = self.isolation(direction, workload).map_or(&[][..], |isolation| &isolation.rules);
        numbers.iter().filter_map(move |number| {
            let (namespace, rule) = self.rule(direction, self.rules.get(*number)?)?;
            Some((*number, namespace, rule))
        })
    }

    /// The number of a policy's rule, given which of its direction it is.
    pub fn rule_number(&self, policy: usize, direction: Direction, rule: usize) -> Option<usize> {
        let [ingress, egress] = self.first_rules.get(policy)?;
        Some(rule + if direction == Direction::Ingress { ingress } else { egress })
    }

    /// The policy of a rule.
    pub fn policy_of(&self, rule: usize) -> Option<&Policy<'a>> {
        self.policies.get(self.rules.get(rule)?.from.0)
    }

    /// The workloads that a rule names as peers, ascending; none where everybody is one.
    pub fn peers(&self, rule: usize) -> impl Iterator<Item = usize> {
        let bits = match self.rules.get(rule).and_then(|rule| self.peers.get(rule.peers)) {
            Some(Pods::Some(bits)) => &bits[..],
            Some(Pods::All) | None => &[],
        };
        members(bits)
    }

    /// Whether a workload is among the peers of a rule.
    pub fn reaches(&self, rule: usize, workload: usize) -> bool {
        self.rules.get(rule).is_some_and(|rule| self.has(rule.peers, workload))
    }

    /// The ports of a workload that a rule opens.
    pub fn ports_of(&self, rule: usize, listener: &Workload<'_>) -> Ports {
        let mut ports = Ports::default();
        if let Some(rule) = self.rules.get(rule) {
            rule.open.add_to(&mut ports, |name, protocol| listener.named_port(name, protocol));
        }
        ports
    }

    /// The rule that was resolved, and its policy's namespace.
    fn rule(&self, direction: Direction, resolved: &Resolved<'_>) -> Option<(&'a str, &Rule<'a>)> {
        let policy = self.policies.get(resolved.from.0)?;
        Some((policy.namespace, policy.rules(direction)?.get(resolved.from.1)?))
    }

    /// What a workload may exchange with addresses outside of the cluster. Ranges of a protocol ascend, and neighbours differ.
    pub fn outside(&self, direction: Direction, workload: usize) -> Vec<(Protocol, AddressRange, PortSet)> {
        let Some(isolation) = self.isolation(direction, workload) else { return Vec::new() };
        if isolation.policies.is_empty() {
            return Protocol::ALL.map(|protocol| (protocol, addresses::EVERYWHERE, PortSet::all())).into();
        }
        let own = self.cluster.workloads.get(workload);
        let rules = isolation.rules.iter().filter_map(|rule| self.rules.get(*rule)).filter(|rule| !rule.addresses.is_empty());
        let blocks = rules.map(|rule| {
            let mut ports = Ports::default();
            rule.open.add_to(&mut ports, |name, protocol| match direction {
                Direction::Ingress => own.and_then(|own| own.named_port(name, protocol)),
                // No address outside of the cluster gives its ports names.
                Direction::Egress => None,
            });
            (rule.addresses.as_slice(), ports)
        });
        by_address(&blocks.collect::<Vec<_>>())
    }
}

/// What the policies of one side let through, computed once for workloads that are alike.
#[derive(Debug)]
pub struct Sides<'n, 'a> {
    network: &'n Network<'a>,
    known: HashMap<(Direction, usize, usize), Ports>,
}

impl<'n, 'a> Sides<'n, 'a> {
    /// Knows nothing yet.
    pub fn new(network: &'n Network<'a>) -> Self {
        Sides { network, known: HashMap::new() }
    }

    /// As [`Network::one_side`].
    pub fn one(&mut self, direction: Direction, source: usize, destination: usize) -> &Ports {
        let key = (direction, self.network.class(source), self.network.class(destination));
        self.known.entry(key).or_insert_with(|| self.network.one_side(direction, source, destination))
    }
}

/// The ports of each address, given blocks of addresses with their ports.
fn by_address(blocks: &[(&[AddressRange], Ports)]) -> Vec<(Protocol, AddressRange, PortSet)> {
    let ranges = blocks.iter().flat_map(|(ranges, _)| ranges.iter());
    let mut starts: Vec<u32> = ranges.flat_map(|(low, high)| [Some(*low), high.checked_add(1)]).flatten().collect();
    starts.sort_unstable();
    starts.dedup();
    let mut merged: Vec<(Protocol, AddressRange, PortSet)> = Vec::new();
    for protocol in Protocol::ALL {
        let first = merged.len();
        for (at, start) in starts.iter().enumerate() {
            let end = starts.get(at + 1).map_or(u32::MAX, |next| next - 1);
            let mut ports = PortSet::default();
            for (ranges, own) in blocks {
                if ranges.iter().any(|(low, high)| (*low..=*high).contains(start)) {
                    ports.add(own.of(protocol));
                }
            }
            if ports.is_empty() {
                continue;
            }
            match merged.get_mut(first..).and_then(<[_]>::last_mut) {
                Some((_, (_, last), same)) if last.checked_add(1) == Some(*start) && *same == ports => *last = end,
                _ => merged.push((protocol, (*start, end), ports)),
            }
        }
    }
    merged
}

impl<'a> Resolved<'a> {
    fn new(from: (usize, usize), rule: &Rule<'a>, namespace: &'a str, cluster: &Cluster<'a>, all: &mut Peers) -> Self {
        let mut open = Open::default();
        match &rule.ports {
            None => open.ports = Ports::all(),
            Some(matches) => {
                for port in matches {
                    match port.which {
                        Which::Range(range) => open.ports.insert(port.protocol, range),
                        Which::Named(name) => open.named.push((name, port.protocol)),
                    }
                }
            }
        }
        let Some(peers) = &rule.peers else {
            return Resolved { from, peers: all.number(Pods::All), addresses: vec![addresses::EVERYWHERE], open };
        };
        let (mut pods, mut blocks) = (vec![0; cluster.workloads.len().div_ceil(64)], Vec::new());
        for peer in peers {
            match &peer.who {
                Who::Addresses { ranges, .. } => blocks.extend_from_slice(ranges),
                Who::Pods { .. } => {
                    for workload in cluster.select(&cluster.pods, peer, namespace) {
                        if let Some(word) = pods.get_mut(workload / 64) {
                            *word |= 1u64 << (workload % 64);
                        }
                    }
                }
            }
        }
        Resolved { from, peers: all.number(Pods::Some(pods)), addresses: blocks, open }
    }
}

/// Sets of workloads, each once.
#[derive(Debug, Default)]
struct Peers {
    all: Vec<Pods>,
    numbers: HashMap<Pods, usize>,
}

impl Peers {
    fn number(&mut self, pods: Pods) -> usize {
        *self.numbers.entry(pods).or_insert_with_key(|pods| {
            self.all.push(pods.clone());
            self.all.len() - 1
        })
    }
}

impl<'a> Open<'a> {
    fn add_to(&self, ports: &mut Ports, resolve: impl Fn(&str, Protocol) -> Option<u16>) {
        ports.add(&self.ports);
        for (name, protocol) in &self.named {
            if let Some(port) = resolve(name, *protocol) {
                ports.insert(*protocol, (port, port));
            }
        }
    }

    /// Allows what another one allows, too.
    fn add(&mut self, other: &Open<'a>) {
        self.ports.add(&other.ports);
        self.named.extend(other.named.iter().filter(|name| !self.named.contains(name)).copied().collect::<Vec<_>>());
    }
}

impl<'a> Isolations<'a> {
    /// Isolates `count` workloads by policies that select some of them.
    fn new(
        direction: Direction,
        policies: &[Policy<'a>],
        selected: &[Vec<usize>],
        rules: &[Resolved<'a>],
        first_rules: &[[usize; 2]],
        count: usize,
    ) -> Self {
        let policies = || {
            let all = policies.iter().zip(selected).zip(first_rules).enumerate();
            all.filter_map(move |(number, ((policy, selected), first))| Some((number, policy.rules(direction)?.len(), selected, first)))
        };
        let mut classes = Classes::new(count);
        policies().for_each(|(_, _, selected, _)| classes.split(selected.iter().copied()));
        let mut each = vec![Isolation::default(); classes.count()];
        let first_of_class = classes.first();
        for (number, length, selected, [ingress, egress]) in policies() {
            let first = if direction == Direction::Ingress { *ingress } else { *egress };
            for workload in selected {
                let Some(class) = classes.of(*workload).filter(|class| first_of_class.get(*class) == Some(&Some(*workload))) else {
                    continue;
                };
                if let Some(isolation) = each.get_mut(class) {
                    isolation.policies.push(number);
                    isolation.rules.extend(first..first + length);
                }
            }
        }
        each.iter_mut().for_each(|isolation| isolation.join(rules));
        Isolations { classes, each }
    }
}

impl<'a> Isolation<'a> {
    /// Joins what its rules allow to the same peers.
    fn join(&mut self, rules: &[Resolved<'a>]) {
        let mut at: HashMap<usize, usize> = HashMap::new();
        for rule in self.rules.iter().filter_map(|number| rules.get(*number)) {
            let at = *at.entry(rule.peers).or_insert(self.open.len());
            match self.open.get_mut(at) {
                Some((_, open)) => open.add(&rule.open),
                None => self.open.push((rule.peers, rule.open.clone())),
            }
        }
    }
}

/// The numbers that are in a set, ascending.
fn members(bits: &[u64]) -> impl Iterator<Item = usize> + Clone {
    let words = bits.iter().zip((0..).step_by(64)).filter(|(word, _)| **word != 0);
    words.flat_map(|(word, from)| (0..64).filter(move |bit| word >> bit & 1 == 1).map(move |bit| from + bit))
}

/// Workloads that are isolated alike, are the same rules' peers and give their ports the same names.
fn alike(workloads: &[Workload<'_>], isolations: [&Isolations<'_>; 2], peers: &[Pods]) -> Classes {
    let mut classes = Classes::new(workloads.len());
    if isolations.iter().all(|isolations| isolations.each.iter().all(|isolation| isolation.policies.is_empty())) {
        return classes;
    }
    let ports = |number: usize| {
        let ports = workloads.get(number).map_or(&[][..], |workload| &workload.ports);
        ports.iter().map(|port| (port.name, port.protocol, port.port)).collect::<Vec<_>>()
    };
    classes.split_by(|number| (isolations.map(|isolations| isolations.classes.of(number)), ports(number)));
    for pods in peers {
        if let Pods::Some(bits) = pods {
            classes.split(members(bits));
        }
    }
    classes
}

impl Stranger<'_> {
    /// Whether a rule of a policy in another namespace lets it be the other end.
    fn fits(&self, rule: &Rule<'_>, own_namespace: Option<&Labels<'_>>) -> bool {
        let Some(peers) = &rule.peers else { return true };
        peers.iter().any(|peer| match &peer.who {
            Who::Addresses { .. } => false,
            Who::Pods { namespaces: Some(namespaces), pods } => namespaces.matches(&self.namespace) && pods.matches(&self.pod),
            Who::Pods { namespaces: None, pods } => own_namespace == Some(&self.namespace) && pods.matches(&self.pod),
        })
    }

    fn named_port(&self, name: &str, protocol: Protocol) -> Option<u16> {
        self.ports.iter().find(|port| (port.0, port.1) == (name, protocol)).map(|port| port.2)
    }
}

//! Pods that are not among the objects: those of other namespaces, whom rules of policies name by labels.

use std::collections::BTreeMap;

use crate::objects::Path;
use crate::selectors::Selector;
use crate::traffic::cluster::NAME_LABEL;
use crate::traffic::network::Network;
use crate::traffic::policy::{Direction, Who};
use crate::traffic::ports::Ports;

/// What a workload may exchange with Pods of namespaces that are not all here.
#[derive(Default)]
pub(super) struct Strangers<'n, 'a> {
    /// With all of them.
    all: Ports,
    /// With those that some rule names, in words.
    named: BTreeMap<String, Named<'n, 'a>>,
}

/// Pods that rules name.
struct Named<'n, 'a> {
    namespaces: &'n Selector<'a>,
    pods: &'n Selector<'a>,
    ports: Ports,
    /// The rules, each with the number of its policy's object.
    rules: Vec<(usize, Path)>,
}

impl<'n, 'a> Strangers<'n, 'a> {
    pub(super) fn of(network: &'n Network<'a>, direction: Direction, own: usize) -> Self {
        let mut strangers = Strangers::default();
        let Some(listener) = network.cluster.workloads.get(own) else { return strangers };
        if network.isolated_by(direction, own).is_empty() {
            strangers.all = Ports::all();
            return strangers;
        }
        for (number, _, rule) in network.rules(direction, own) {
            let ports = network.ports_of(number, listener);
            let Some(peers) = &rule.peers else {
                strangers.all.add(&ports);
                continue;
            };
            let Some(policy) = network.policy_of(number) else { continue };
            for peer in peers {
                let Who::Pods { namespaces: Some(namespaces), pods } = &peer.who else { continue };
                if namespaces.pins(NAME_LABEL, |name| network.cluster.knows(name)) {
                    continue;
                }
                let named = strangers.named.entry(words(namespaces, pods));
                let named = named.or_insert_with(|| Named { namespaces, pods, ports: Ports::default(), rules: Vec::new() });
                named.ports.add(&ports);
                named.rules.push((policy.at, peer.path.clone()));
            }
        }
        strangers
    }

    /// What it may exchange and `before` may not: with whom, at which ports, by which rules.
    pub(super) fn beyond(self, before: &Strangers<'_, '_>) -> impl Iterator<Item = (String, Ports, Vec<(usize, Path)>)> {
        self.named.into_iter().filter_map(|(who, named)| {
            let mut known = before.all.clone();
            let wider = |other: &&Named<'_, '_>| named.namespaces.is_within(other.namespaces) && named.pods.is_within(other.pods);
            before.named.values().filter(wider).for_each(|other| known.add(&other.ports));
            let opened = named.ports.without(&known);
            (!opened.is_empty()).then_some((who, opened, named.rules))
        })
    }
}

/// `Pods of namespace monitoring with app=prometheus`
fn words(namespaces: &Selector<'_>, pods: &Selector<'_>) -> String {
    let pods = if pods.is_empty() { String::new() } else { format!(" with {pods}") };
    let all = if pods.is_empty() { "all Pods" } else { "Pods" };
    let text = namespaces.to_string();
    let only = text.strip_prefix(NAME_LABEL).and_then(|rest| rest.strip_prefix('=')).filter(|name| !name.contains([',', ' ']));
    match only {
        Some(name) => format!("{all} of namespace {name}{pods}"),
        None if namespaces.is_empty() && pods.is_empty() => "all Pods of the cluster".to_owned(),
        None if namespaces.is_empty() => format!("Pods of any namespace{pods}"),
        None => format!("{all} of namespaces with {text}{pods}"),
    }
}

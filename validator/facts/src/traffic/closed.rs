//! What a side that forbids a flow would have to allow.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use kustomize::Node;
use serde::Serialize;

use super::cluster::{NAME_LABEL, Workload};
use super::network::Network;
use super::policy::Direction;
use crate::objects::{Index, Object, ObjectId};

/// A side that forbids a flow, and the rule that would allow it there.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Closed {
    /// Which way, seen from its pods.
    pub direction: Direction,
    /// Its namespace.
    pub namespace: String,
    /// The name of what makes its pods.
    pub name: String,
    /// What selects its pods.
    pub pods: PodSelector,
    /// A policy that isolates them that way and selects no others, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<ObjectId>,
    /// The other end, as an entry of `from` or `to`.
    pub peer: Peer,
}

/// An entry of `from` or `to`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum Peer {
    /// Pods in the cluster.
    Pods {
        /// Which.
        pod_selector: PodSelector,
        /// Their namespace, where it is another one.
        #[serde(skip_serializing_if = "Option::is_none")]
        namespace_selector: Option<PodSelector>,
    },
    /// Addresses outside of the cluster.
    Addresses {
        /// Which.
        ip_block: Block,
    },
}

/// A block of addresses.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Block {
    /// In CIDR notation.
    pub cidr: String,
}

/// A selector by labels.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PodSelector {
    /// The labels; without any, it selects everything.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub match_labels: BTreeMap<String, String>,
}

impl PodSelector {
    /// What selects the pods of a workload and as few others as it can: its own selector, else all their labels. Nothing can where they have none.
    pub fn of(index: &Index<'_>, workload: &Workload<'_>) -> Option<Self> {
        let object = index.objects.get(workload.at);
        let own = object.and_then(|object| object.node.at(&["spec", "selector", "matchLabels"])).map_or(&[][..], Node::entries);
        let is_own = |key: &str| own.is_empty() || own.iter().any(|entry| *entry.key.text == *key);
        let labels = workload.labels.iter().filter(|(key, _)| is_own(key));
        let match_labels: BTreeMap<_, _> = labels.map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        (!match_labels.is_empty()).then_some(Self { match_labels })
    }

    fn of_namespace(name: &str) -> Self {
        Self { match_labels: BTreeMap::from([(NAME_LABEL.to_owned(), name.to_owned())]) }
    }
}

impl Closed {
    /// What the workload `own` would have to allow for it and the workload `other` to talk.
    pub fn between(index: &Index<'_>, network: &Network<'_>, direction: Direction, own: usize, other: usize) -> Option<Self> {
        let (workload, other) = (network.cluster.workloads.get(own)?, network.cluster.workloads.get(other)?);
        let namespace_selector = (workload.namespace != other.namespace).then(|| PodSelector::of_namespace(other.namespace));
        let peer = Peer::Pods { pod_selector: PodSelector::of(index, other)?, namespace_selector };
        Self::new(index, network, direction, own, peer)
    }

    /// What the workload `own` would have to allow for it to reach an address.
    pub fn to_address(index: &Index<'_>, network: &Network<'_>, own: usize, address: Ipv4Addr) -> Option<Self> {
        let peer = Peer::Addresses { ip_block: Block { cidr: format!("{address}/32") } };
        Self::new(index, network, Direction::Egress, own, peer)
    }

    fn new(index: &Index<'_>, network: &Network<'_>, direction: Direction, own: usize, peer: Peer) -> Option<Self> {
        let workload = network.cluster.workloads.get(own)?;
        let selects_no_other = |policy: &&usize| network.selected.get(**policy).is_some_and(|selected| *selected == [own]);
        let policy = network.isolated_by(direction, own).iter().find(selects_no_other).and_then(|policy| network.policies.get(*policy));
        Some(Self {
            direction,
            namespace: workload.namespace.into(),
            name: index.objects.get(workload.at)?.name.into(),
            pods: PodSelector::of(index, workload)?,
            policy: policy.and_then(|policy| index.objects.get(policy.at)).map(Object::id),
            peer,
        })
    }
}

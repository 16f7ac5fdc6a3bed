//! What a change means beyond the objects that it changes: rights, flows, exposure, capacity, and what a rollout does.
//!
//! Everything is compared from both sides, so what a change gives its reverse takes. What a change can't have touched is not looked at.

mod capacity;
mod dangers;
mod exposure;
mod flows;
mod handover;
mod hardening;
mod identity;
mod item;
mod outside;
mod rights;
mod roles;
mod rollout;
mod strangers;
mod words;

use kustomize::Node;
use serde::Serialize;

pub use capacity::{CapacityChange, ResourceChange};
pub use exposure::{Exposed, Exposure};
pub use flows::{FlowChange, Flows, Uncompared};
pub use handover::Handover;
pub use item::To;
pub use rights::{Grant, Right, Rights};
pub use rollout::Wait;

use super::{Change, Kind};
use crate::capacity::asked;
use crate::objects::{Index, Path, PodTemplate, Segment, group_of};
use crate::products::{MadeObject, Products};
use crate::traffic::cluster::Cluster;
use crate::traffic::flows::needed;
use crate::traffic::needs::Needs;
use crate::traffic::network::Network;
use crate::traffic::services::Services;
use crate::workloads::{Reading, View};

/// What a change means beyond its objects.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Effects {
    /// Who may do what.
    pub rights: Rights,
    /// Who may talk to whom.
    pub flows: Flows,
    /// What is open to the outside, to nodes, or to more privileges.
    pub exposure: Exposure,
    /// What namespaces ask for.
    pub capacity: Vec<CapacityChange>,
    /// Services and budgets that select other Pods, or none for a while.
    pub handovers: Vec<Handover>,
    /// What rollouts wait for.
    pub waits: Vec<Wait>,
}

/// The objects of one side, with the Pods of those of other kinds than Kubernetes' own.
#[derive(Clone, Copy, Debug)]
pub struct State<'a> {
    /// The objects.
    pub objects: &'a [&'a Node],
    /// Their Pods.
    pub reading: &'a Reading<'a>,
}

/// A side, indexed.
#[derive(Clone, Copy)]
struct Side<'s, 'a> {
    index: &'s Index<'a>,
    reading: &'s Reading<'a>,
    /// How many objects there are before their Pods in the index.
    count: usize,
}

/// A Pod of an object.
struct Pod<'s, 'a> {
    template: PodTemplate<'a>,
    view: Option<&'s View<'a>>,
}

impl Pod<'_, '_> {
    /// Where a path of the Pod is in its object.
    fn in_object(&self, path: &Path) -> Path {
        self.view.map_or_else(|| path.clone(), |view| view.in_object(path))
    }
}

impl<'s, 'a> Side<'s, 'a> {
    /// The Pods of an object.
    fn pods(&self, at: usize) -> Vec<Pod<'s, 'a>> {
        let own = self.index.objects.get(at).and_then(|object| object.pod_template()).map(|template| Pod { template, view: None });
        let views = self.reading.views.iter().enumerate().filter(|(_, view)| view.at == at);
        let of_view = |(number, view): (usize, &'s View<'a>)| {
            Some(Pod { template: self.index.objects.get(self.count + number)?.pod_template()?, view: Some(view) })
        };
        own.into_iter().chain(views.filter_map(of_view)).collect()
    }
}

/// What the changes between two states mean.
pub fn effects(old: State<'_>, new: State<'_>, changes: &[Change], products: &Products) -> Effects {
    let changes: Vec<&Change> = changes.iter().filter(|change| change.change != Kind::Unchanged).collect();
    let changes = changes.as_slice();
    let touched = Touched::by(changes);
    if !touched.anything {
        return Effects::default();
    }
    let (old_index, new_index) = (old.reading.index(old.objects), new.reading.index(new.objects));
    let (before, after) = (
        Side { index: &old_index, reading: old.reading, count: old.objects.len() },
        Side { index: &new_index, reading: new.reading, count: new.objects.len() },
    );
    let (old_made, new_made) = (products.made(&old_index), products.made(&new_index));
    let mut effects = Effects { exposure: exposure::exposure(before, after, changes), ..Effects::default() };
    if touched.roles {
        effects.rights = rights::rights(before, after, changes);
    }
    if touched.pods || touched.amounts {
        let (old_asked, new_asked) = (asked(&old_index, &old_made), asked(&new_index, &new_made));
        let (was, is) = (capacity::Side { index: &old_index, asked: &old_asked }, capacity::Side { index: &new_index, asked: &new_asked });
        effects.capacity = capacity::capacity(was, is, changes);
        effects.waits = rollout::waits(after, &new_asked, changes);
    }
    if touched.traffic {
        let (old_cluster, new_cluster) = (Cluster::new(&old_index, &old_made, products), Cluster::new(&new_index, &new_made, products));
        effects.handovers = handover::handovers((&old_index, &old_cluster), (&new_index, &new_cluster), changes);
        let has_policies = |index: &Index<'_>| !index.of_kind("networking.k8s.io", "NetworkPolicy").is_empty();
        if has_policies(&old_index) || has_policies(&new_index) {
            let (old_network, new_network) = (Network::new(&old_index, old_cluster), Network::new(&new_index, new_cluster));
            let (was, is) =
                (flows::Side { index: &old_index, network: &old_network }, flows::Side { index: &new_index, network: &new_network });
            effects.flows = flows::flows(was, is, changes, || needs(&new_index, &new_made, &new_network));
        }
    }
    effects
}

/// The flows that configuration asks for.
fn needs(index: &Index<'_>, made: &[MadeObject], network: &Network<'_>) -> Vec<flows::Need> {
    let services = Services::new(index, made, &network.cluster);
    let needs = Needs::new(index, &network.cluster, &services, &Index::new(&[]));
    let id = |number: usize| network.cluster.workloads.get(number).map(|workload| workload.id.to_string());
    let flows = needed(network, &needs).into_iter();
    flows.filter_map(|flow| Some((id(flow.need.from)?, id(flow.to)?, flow.protocol, flow.port))).collect()
}

/// What a change can have touched.
#[derive(Default)]
struct Touched {
    anything: bool,
    roles: bool,
    /// Labels, ports or networks of Pods, selectors, NetworkPolicies.
    traffic: bool,
    /// Pods that are replaced.
    pods: bool,
    /// Requests, limits, replicas, quotas.
    amounts: bool,
}

impl Touched {
    fn by(changes: &[&Change]) -> Self {
        let mut touched = Touched::default();
        for change in changes {
            touched.anything = true;
            let group = group_of(&change.object.api_version);
            touched.roles |= group == roles::GROUP;
            let is_whole = change.change != Kind::Changed;
            let names = |keys: &[&str]| {
                let is_one = |segment: &Segment| matches!(segment, Segment::Key(key) if keys.contains(&&**key));
                is_whole || change.fields.iter().any(|field| field.path.0.len() < 2 || field.path.0.iter().any(is_one))
            };
            match (group, &*change.object.kind) {
                ("networking.k8s.io", "NetworkPolicy") => touched.traffic = true,
                ("", "Service") | ("policy", "PodDisruptionBudget") => touched.traffic |= names(&["selector", "type"]),
                ("", "Namespace") => touched.traffic |= names(&["labels"]),
                ("", "ConfigMap" | "Secret") => {}
                ("", "ResourceQuota" | "LimitRange") | ("autoscaling", _) => touched.amounts = true,
                _ => {
                    let says = change.old.is_some() && change.new.is_some();
                    touched.roles |= says && names(&["serviceAccountName", "serviceAccount", "automountServiceAccountToken", "volumes"]);
                    touched.traffic |= names(&["labels", "ports", "hostNetwork", "replicas", "ordinals"]);
                    touched.amounts |= names(&["resources", "replicas", "strategy", "parallelism", "completions", "overhead"]);
                    touched.pods = true;
                }
            }
        }
        touched
    }
}

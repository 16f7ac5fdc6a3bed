//! Facts about rendered Kubernetes objects, computed in Rust so that rules need not join objects themselves.
//!
//! This crate knows objects and their paths. It knows nothing of files, of Rego or of environments.
//! [`compute`] does everything in one pass over an index, so its time grows linearly with the objects.

pub mod capacity;
pub mod objects;
pub mod protection;
pub mod references;
pub mod schema;
pub mod selectors;
pub mod suspect;
pub mod traffic;

use kustomize::Node;
use serde::Serialize;

use capacity::CapacityFacts;
use objects::Index;
use references::Dangling;
use references::objects::Known;
use references::products::Products;
use references::provided::Provided;
use schema::{SchemaFact, SchemaSet};
use suspect::Suspects;
use traffic::cluster::Cluster;
use traffic::facts::{NetworkFacts, NetworkOverview};
use traffic::needs::Needs;
use traffic::network::Network;
use traffic::services::Services;

/// What the facts depend on beside the objects.
#[derive(Clone, Debug, Default)]
pub struct Options<'a> {
    /// The Kubernetes version to judge by; by default the newest one.
    pub kubernetes_version: schema::Version,
    /// CustomResourceDefinitions beside those among the objects, for example from `policies/schemas/`.
    pub crds: Option<&'a schema::Definitions>,
    /// What operators make of their resources; an empty table if there is none.
    pub products: Option<&'a Products>,
    /// What is applied on top of the objects at times, such as Jobs on demand: policies may be meant for it.
    pub additions: &'a [&'a Node],
}

/// Everything that is known about a set of objects that is deployed together.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Facts {
    /// What is known about each object, in the order of the objects; a rule sees it as `input.facts`.
    pub objects: Vec<ObjectFacts>,
    /// What is known about all of them together; a rule with `custom.scope: overlay` sees it as `input.facts`.
    pub overlay: OverlayFacts,
}

/// What is known about one object.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectFacts {
    /// What NetworkPolicies mean for it, where it makes pods, and what it selects, where it is a NetworkPolicy.
    pub network: NetworkFacts,
    /// What the API server would refuse in it; empty where it would accept it.
    pub schema: Vec<SchemaFact>,
    /// References to objects and keys that are not there.
    pub dangling: Vec<Dangling>,
    /// Whether what it takes fits its namespace.
    pub capacity: CapacityFacts,
    /// Which settings of its pod deserve a closer look.
    pub suspect: Suspects,
}

/// What is known about all objects together.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OverlayFacts {
    /// Which namespaces deny by default, and which policies can't be judged.
    pub network: NetworkOverview,
    /// What about the objects deserves a closer look.
    pub suspect: Suspects,
}

/// Computes the facts of `objects`, which are canonical and deployed together.
pub fn compute(objects: &[&Node], options: &Options<'_>) -> Facts {
    let index = Index::new(objects);
    let none = Products::default();
    let products = options.products.unwrap_or(&none);
    let made = products.made(&index);
    let network = Network::new(&index, Cluster::new(&index, &made, products));
    let services = Services::new(&index, &made, &network.cluster);
    let additions = Index::new(options.additions);
    let needs = Needs::new(&index, &network.cluster, &services, &additions);
    let (network_facts, overview) = traffic::facts::of(&index, &network, &services, &needs, &additions);
    let set = SchemaSet::new(options.kubernetes_version, objects.iter().copied());
    let set = match options.crds {
        Some(definitions) => set.with(definitions, objects.iter().copied()),
        None => set,
    };
    let provided = Provided::new(&index, &made, products);
    let known = Known { index: &index, cluster: &network.cluster, services: &services, provided: &provided };
    let dangling = references::dangling(known, &needs);
    let capacity = capacity::facts(&index, &made, &additions);
    let suspect: Vec<_> = index.objects.iter().map(suspect::of).collect();
    let suspect_of_all = suspect::of_all(&index, suspect.iter());
    let each = objects.iter().zip(network_facts).zip(dangling).zip(capacity).zip(suspect);
    Facts {
        objects: each
            .map(|((((object, network), dangling), capacity), suspect)| ObjectFacts {
                capacity,
                schema: schema::check(object, &set),
                suspect,
                network,
                dangling,
            })
            .collect(),
        overlay: OverlayFacts { network: overview, suspect: suspect_of_all },
    }
}

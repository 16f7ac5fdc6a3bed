//! Who may talk to whom: NetworkPolicies resolved against the workloads of a set of objects.

pub mod addresses;
pub mod alike;
pub mod closed;
pub mod cluster;
pub mod facts;
pub mod flows;
pub mod foreign;
pub mod ingresses;
mod listed;
pub mod needs;
pub mod network;
pub mod policy;
pub mod ports;
pub mod reach;
pub mod services;

use kustomize::Node;

use crate::objects::Index;
use crate::products::Products;
use crate::schema::{self, Reason, SchemaSet, Version};
use crate::workloads::Reading;
use cluster::Cluster;
use needs::Needs;
use network::{Invalid, Network};
use reach::Reachability;
use services::Services;

/// Who may talk to whom among canonical objects that are deployed together, to API servers of some versions; `reading` has the Pods of those
/// of other kinds than Kubernetes' own.
///
/// # Errors
/// What the API servers of all `versions` would refuse, one thing for each object: what the objects mean is not known then.
pub fn analyse(objects: &[&Node], reading: &Reading<'_>, products: &Products, versions: &[Version]) -> Result<Reachability, Vec<Invalid>> {
    let index = reading.index(objects);
    let made = products.made(&index);
    let network = Network::new(&index, Cluster::new(&index, &made, products));
    let mut invalid = network.invalid.clone();
    // The newest first, which most objects are right for.
    let schemas: Vec<_> = versions.iter().rev().map(|version| SchemaSet::new(*version, objects.iter().copied())).collect();
    // Whoever writes a kind that is off has it turned on.
    let refusal = |object: &Node, schemas| schema::check(object, schemas).into_iter().find(|fact| fact.reason != Reason::Off);
    let own = index.objects.iter().enumerate().filter(|(_, object)| !object.is_view());
    for (at, object) in own.filter(|(at, _)| !network.invalid.iter().any(|known| known.at == *at)) {
        let refusals: Option<Vec<_>> = schemas.iter().map(|schemas| refusal(object.node, schemas)).collect();
        let first = refusals.and_then(|refusals| refusals.into_iter().next());
        invalid.extend(first.map(|fact| Invalid { at, object: object.id(), path: fact.path, message: fact.message }));
    }
    if !invalid.is_empty() {
        invalid.sort_by_key(|error| error.at);
        return Err(invalid);
    }
    let services = Services::new(&index, &made, &network.cluster);
    let needs = Needs::new(&index, &network.cluster, &services, &Index::new(&[]));
    Ok(Reachability::of(&index, &network, &services, &needs))
}

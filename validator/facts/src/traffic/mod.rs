//! Who may talk to whom: NetworkPolicies resolved against the workloads of a set of objects.

pub mod addresses;
pub mod cluster;
pub mod facts;
pub mod flows;
pub mod ingresses;
pub mod needs;
pub mod network;
pub mod policy;
pub mod ports;
pub mod reach;
pub mod services;

use kustomize::Node;

use crate::objects::Index;
use crate::references::products::Products;
use cluster::Cluster;
use network::{Invalid, Network};
use reach::Reachability;
use services::Services;

/// Who may talk to whom among canonical objects that are deployed together.
///
/// # Errors
/// The NetworkPolicies that the API server would refuse: what they allow is not known, so neither is the whole.
pub fn analyse(objects: &[&Node], products: &Products) -> Result<Reachability, Vec<Invalid>> {
    let index = Index::new(objects);
    let made = products.made(&index);
    let network = Network::new(&index, Cluster::new(&index, &made, products));
    if !network.invalid.is_empty() {
        return Err(network.invalid);
    }
    let services = Services::new(&index, &made, &network.cluster);
    Ok(Reachability::of(&index, &network, &services))
}

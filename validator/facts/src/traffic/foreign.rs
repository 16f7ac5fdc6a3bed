//! Policies on traffic that are no NetworkPolicies. What they allow is not evaluated here, so of the namespaces that they can select Pods in nobody can say that these
//! are open, nor that a NetworkPolicy is all that keeps a flow out.

use std::collections::HashSet;

use crate::objects::{Index, Object};

/// Kinds that allow or deny traffic of Pods: group, kind, and whether an object of it counts in all namespaces.
///
/// Sources: docs.cilium.io/en/stable/network/kubernetes/policy, docs.tigera.io/calico/latest/reference/resources, network-policy-api.sigs.k8s.io,
/// antrea.io/docs/main/docs/antrea-network-policy.
const KINDS: [(&str, &str, bool); 13] = [
    ("cilium.io", "CiliumNetworkPolicy", false),
    ("cilium.io", "CiliumClusterwideNetworkPolicy", true),
    ("projectcalico.org", "NetworkPolicy", false),
    ("projectcalico.org", "GlobalNetworkPolicy", true),
    ("crd.projectcalico.org", "NetworkPolicy", false),
    ("crd.projectcalico.org", "GlobalNetworkPolicy", true),
    ("policy.networking.k8s.io", "AdminNetworkPolicy", true),
    ("policy.networking.k8s.io", "BaselineAdminNetworkPolicy", true),
    ("policy.networking.k8s.io", "ClusterNetworkPolicy", true),
    ("crd.antrea.io", "NetworkPolicy", false),
    ("crd.antrea.io", "ClusterNetworkPolicy", true),
    ("networking.gke.io", "FQDNNetworkPolicy", false),
    ("networking.gke.io", "ClusterNetworkPolicy", true),
];

/// Whether an object is such a policy.
pub fn is_policy(object: &Object<'_>) -> bool {
    scope(object).is_some()
}

fn scope(object: &Object<'_>) -> Option<bool> {
    let known = KINDS.iter().find(|(group, kind, _)| *kind == object.kind && *group == object.group());
    known.map(|(_, _, is_clusterwide)| *is_clusterwide)
}

/// Where such policies are.
#[derive(Debug, Default)]
pub struct Foreign<'a> {
    namespaces: HashSet<&'a str>,
    everywhere: bool,
}

impl<'a> Foreign<'a> {
    /// Those among the objects.
    pub fn new(index: &Index<'a>) -> Self {
        let mut foreign = Self::default();
        for object in &index.objects {
            match scope(object) {
                Some(true) => foreign.everywhere = true,
                Some(false) => drop(foreign.namespaces.insert(object.namespace)),
                None => {}
            }
        }
        foreign
    }

    /// Whether one can select Pods of a namespace.
    pub fn covers(&self, namespace: &str) -> bool {
        self.everywhere || self.namespaces.contains(namespace)
    }
}

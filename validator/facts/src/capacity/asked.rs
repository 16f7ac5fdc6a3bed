//! What each workload asks for, by the names that ResourceQuotas have for it.

use std::collections::{BTreeMap, HashMap};

use super::demand;
use super::limits::{self, Limits};
use crate::objects::Index;
use crate::products::MadeObject;
use crate::schema::format::quantity::Quantity;

/// Amounts by resource: `requests.cpu`, `limits.memory`, `requests.storage`, `pods` …
pub(crate) type Named = BTreeMap<String, Quantity>;

/// What a workload asks for.
#[derive(Debug)]
pub(crate) struct Asked {
    /// The number of its object.
    pub(crate) at: usize,
    /// `Deployment web`
    pub(crate) name: String,
    /// Its namespace.
    pub(crate) namespace: String,
    /// One Pod.
    pub(crate) pod: Named,
    /// Its Pods in the steady state.
    pub(crate) steady: Named,
    /// Its Pods in the worst case.
    pub(crate) peak: Named,
}

/// What all workloads ask for.
pub(crate) fn asked(index: &Index<'_>, made: &[MadeObject]) -> Vec<Asked> {
    let ranges: HashMap<&str, Limits<'_>> = limits::by_namespace(index);
    let none = Limits::default();
    let limits = |namespace: &str| ranges.get(namespace).unwrap_or(&none);
    let no_additions = Index::new(&[]);
    let demands = demand::of_all(index, made, &no_additions, &limits);
    let of = |demand: demand::Demand<'_>| {
        let mut pod = Named::new();
        let (requests, limits) = (&demand.pod.requests.0, &demand.pod.limits.0);
        pod.extend(requests.iter().map(|(resource, amount)| (format!("requests.{resource}"), *amount)));
        pod.extend(limits.iter().map(|(resource, amount)| (format!("limits.{resource}"), *amount)));
        pod.insert("pods".to_owned(), Quantity::of(1));
        let storage = demand.claims.iter().copied().fold(Quantity::default(), Quantity::plus);
        if !storage.is_zero() {
            pod.insert("requests.storage".to_owned(), storage);
        }
        let times = |number: i64| pod.iter().map(|(resource, amount)| (resource.clone(), amount.times(number))).collect();
        let (steady, peak) = (times(demand.steady), times(demand.peak));
        Some(Asked { at: demand.at?, name: demand.name, namespace: demand.namespace.to_owned(), pod, steady, peak })
    };
    demands.into_iter().filter_map(of).collect()
}

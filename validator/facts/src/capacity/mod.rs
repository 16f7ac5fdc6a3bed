//! Whether what is deployed fits the ResourceQuotas and LimitRanges of its namespace.
//!
//! The peak is what admission sees in the worst case: autoscalers at their maximum, every Deployment rolled out while its old Pods use
//! their whole grace period, and every Job and CronJob running, those that are applied on demand too.

mod amounts;
mod asked;
mod demand;
mod limits;
mod operated;
mod quota;

use std::collections::HashMap;

use serde::Serialize;

use crate::objects::{Index, ObjectId, Path};
use crate::products::MadeObject;
pub(crate) use amounts::{display, quantity};
pub(crate) use asked::{Asked, Named, asked};
use limits::Limits;
pub use operated::Unsized;
pub use quota::QuotaUse;

/// What limits on a namespace mean for an object.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CapacityFacts {
    /// About a ResourceQuota: each of its hard limits that can be counted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub quota: Vec<QuotaUse>,
    /// What a LimitRange refuses in the object.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<OutOfRange>,
    /// What a ResourceQuota demands of every container, and one doesn't say.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unspecified: Vec<Unspecified>,
    /// What the object doesn't say of Pods that an operator makes of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unsized_pods: Vec<Unsized>,
}

/// An amount that a LimitRange refuses.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OutOfRange {
    /// Where the amount is.
    pub path: Path,
    /// `cpu`, `memory`, `storage` …
    pub resource: String,
    /// The amount.
    pub amount: String,
    /// `min` or `max`.
    pub bound: &'static str,
    /// The amount of the bound.
    pub limit: String,
    /// The LimitRange.
    pub range: ObjectId,
}

/// An amount that a container must name because a ResourceQuota counts it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Unspecified {
    /// The container.
    pub path: Path,
    /// The quota's resource, such as `limits.memory`.
    pub resource: String,
    /// The ResourceQuota.
    pub quota: ObjectId,
}

/// The facts of each object; `additions` are applied on top of the objects at times.
pub fn facts(index: &Index<'_>, made: &[MadeObject], additions: &Index<'_>) -> Vec<CapacityFacts> {
    let mut facts = vec![CapacityFacts::default(); index.objects.len()];
    for made in made {
        facts.get_mut(made.at).into_iter().for_each(|facts| facts.unsized_pods.extend(operated::unsized_containers(made)));
    }
    let quotas = index.of_kind("", "ResourceQuota");
    let ranges: HashMap<&str, Limits<'_>> = limits::by_namespace(index);
    if quotas.is_empty() && ranges.is_empty() {
        return facts;
    }
    let none = Limits::default();
    let of_namespace = |namespace: &str| ranges.get(namespace).unwrap_or(&none);
    for (facts, object) in facts.iter_mut().zip(&index.objects) {
        facts.refused = of_namespace(object.namespace).refused(object);
    }
    let demands = demand::of_all(index, made, additions, &of_namespace);
    for at in quotas.iter().copied() {
        let Some(object) = index.objects.get(at) else { continue };
        let of_quota: Vec<_> = demands.iter().filter(|demand| demand.namespace == object.namespace).collect();
        if let Some(facts) = facts.get_mut(at) {
            facts.quota = quota::uses(object, &of_quota, index);
        }
        for (at, unspecified) in quota::unspecified(object, &of_quota) {
            facts.get_mut(at).into_iter().for_each(|facts| facts.unspecified.push(unspecified.clone()));
        }
    }
    facts
}

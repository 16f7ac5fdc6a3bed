//! What each namespace asks for before and after, and whether its quotas have room for it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;

use crate::capacity::{Asked, Named, display, quantity};
use crate::change::{Change, Field};
use crate::objects::{Index, ObjectId, Path, Segment};
use crate::schema::format::quantity::Quantity;

/// Kinds that change what others ask for.
const REASONS: [&str; 2] = ["HorizontalPodAutoscaler", "LimitRange"];

/// How many of those who make the difference are named.
const MOST: usize = 3;

/// What people look at first, where several amounts rise.
const USUAL: [&str; 4] = ["requests.cpu", "requests.memory", "requests.storage", "pods"];

/// A namespace that asks for other amounts than before.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CapacityChange {
    /// The namespace.
    pub namespace: String,
    /// The object that makes most of the difference.
    pub object: ObjectId,
    /// Where in it.
    pub path: Path,
    /// What is asked for otherwise than before.
    pub resources: Vec<ResourceChange>,
    /// Who makes most of the difference: `Deployment web: requests.cpu 500m → 1`.
    pub by: Vec<String>,
}

/// An amount before and after.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceChange {
    /// `requests.cpu`, `limits.memory`, `requests.storage`, `pods` …
    pub resource: String,
    /// What was asked for.
    pub old: String,
    /// What is.
    pub new: String,
    /// The same in the worst case: autoscalers at their maximum, rollouts, Jobs.
    pub old_peak: String,
    /// See `oldPeak`.
    pub new_peak: String,
    /// How much more it is, in percent, of the steady state or the worst case; none where nothing was asked for.
    pub rise: Option<i64>,
    /// The least that a quota of the namespace allows, if one does.
    pub quota: Option<String>,
    /// What it allowed before.
    pub old_quota: Option<String>,
    /// Whether the quota has room for the steady state.
    pub fits: bool,
    /// Whether it had before.
    pub fitted: bool,
}

/// One side: its objects, and what its workloads ask for.
#[derive(Clone, Copy)]
pub(super) struct Side<'s, 'a> {
    pub(super) index: &'s Index<'a>,
    pub(super) asked: &'s [Asked],
}

/// Compares two sides.
pub(super) fn capacity(old: Side<'_, '_>, new: Side<'_, '_>, changes: &[&Change]) -> Vec<CapacityChange> {
    let (was, is) = (Sums::of(old), Sums::of(new));
    let namespaces: BTreeSet<&str> = [&was, &is].iter().flat_map(|sums| sums.steady.keys().chain(sums.quotas.keys())).copied().collect();
    let of_namespace = |namespace: &str| {
        let resources = resources(namespace, &was, &is);
        let is_usual = |resource: &ResourceChange| USUAL.contains(&resource.resource.as_str());
        let first = resources.iter().max_by_key(|resource| (!resource.fits, is_usual(resource), resource.rise.unwrap_or(0)))?;
        let (object, path, by) = makers(namespace, &first.resource, old, new, changes)?;
        Some(CapacityChange { namespace: namespace.to_owned(), object, path, resources, by })
    };
    namespaces.into_iter().filter_map(of_namespace).collect()
}

/// What namespaces ask for and may have.
#[derive(Default)]
struct Sums<'s> {
    steady: HashMap<&'s str, Named>,
    peak: HashMap<&'s str, Named>,
    quotas: BTreeMap<&'s str, Named>,
}

impl<'s> Sums<'s> {
    fn of(side: Side<'s, '_>) -> Self {
        let mut sums = Sums::default();
        for asked in side.asked {
            for (sums, own) in [(&mut sums.steady, &asked.steady), (&mut sums.peak, &asked.peak)] {
                let sums = sums.entry(&asked.namespace).or_default();
                for (resource, amount) in own {
                    let sum = sums.entry(resource.clone()).or_default();
                    *sum = sum.plus(*amount);
                }
            }
        }
        sums.quotas = quotas(side.index);
        sums
    }

    fn get(sums: &HashMap<&str, Named>, namespace: &str, resource: &str) -> Quantity {
        sums.get(namespace).and_then(|named| named.get(resource)).copied().unwrap_or_default()
    }
}

/// The least that quotas allow, by namespace. One that only holds for some Pods is left alone.
pub(super) fn quotas<'s>(index: &Index<'s>) -> BTreeMap<&'s str, Named> {
    let mut quotas: BTreeMap<&str, Named> = BTreeMap::new();
    for object in index.of_kind("", "ResourceQuota").iter().filter_map(|at| index.objects.get(*at)) {
        let is_set = |key: &str| object.node.at(&["spec", key]).is_some_and(|node| !node.is_null());
        if is_set("scopes") || is_set("scopeSelector") {
            continue;
        }
        for entry in object.node.at(&["spec", "hard"]).map_or(&[][..], kustomize::Node::entries) {
            let resource = match &*entry.key.text {
                resource @ ("cpu" | "memory" | "ephemeral-storage") => format!("requests.{resource}"),
                "count/pods" => "pods".to_owned(),
                other => other.to_owned(),
            };
            let Some(amount) = quantity(&entry.value) else { continue };
            let least = quotas.entry(object.namespace).or_default().entry(resource).or_insert(amount);
            *least = (*least).min(amount);
        }
    }
    quotas
}

fn resources(namespace: &str, was: &Sums<'_>, is: &Sums<'_>) -> Vec<ResourceChange> {
    let names = |sums: &Sums<'_>| -> BTreeSet<String> {
        let peak = sums.peak.get(namespace).into_iter().flat_map(Named::keys);
        peak.chain(sums.quotas.get(namespace).into_iter().flat_map(Named::keys)).cloned().collect()
    };
    let mut found = Vec::new();
    for resource in names(was).union(&names(is)) {
        let (old, new) = (Sums::get(&was.steady, namespace, resource), Sums::get(&is.steady, namespace, resource));
        let (old_peak, new_peak) = (Sums::get(&was.peak, namespace, resource), Sums::get(&is.peak, namespace, resource));
        let quota = |sums: &Sums<'_>| sums.quotas.get(namespace).and_then(|quotas| quotas.get(resource)).copied();
        let (old_quota, new_quota) = (quota(was), quota(is));
        let is_asked = !(old_peak.is_zero() && new_peak.is_zero());
        if !is_asked || (old, old_peak, old_quota) == (new, new_peak, new_quota) {
            continue;
        }
        let rise = [(old, new), (old_peak, new_peak)].into_iter().filter_map(|(old, new)| percent(old, new)).max();
        found.push(ResourceChange {
            old: display(resource, old),
            new: display(resource, new),
            old_peak: display(resource, old_peak),
            new_peak: display(resource, new_peak),
            rise,
            quota: new_quota.map(|quota| display(resource, quota)),
            old_quota: old_quota.map(|quota| display(resource, quota)),
            fits: new_quota.is_none_or(|quota| new <= quota),
            fitted: old_quota.is_none_or(|quota| old <= quota),
            resource: resource.clone(),
        });
    }
    found
}

/// How much more something is, in percent.
fn percent(old: Quantity, new: Quantity) -> Option<i64> {
    let old_amount = old.billionths();
    let more = new.billionths().saturating_sub(old_amount).saturating_mul(100).checked_div(old_amount)?;
    i64::try_from(more).ok()
}

/// The object that makes most of the difference in a resource, where in it, and who else does.
fn makers(
    namespace: &str,
    resource: &str,
    old: Side<'_, '_>,
    new: Side<'_, '_>,
    changes: &[&Change],
) -> Option<(ObjectId, Path, Vec<String>)> {
    // The steady state and the peak of each workload on both sides, and where it stands.
    let mut amounts: BTreeMap<&str, [[Quantity; 2]; 2]> = BTreeMap::new();
    let mut places: HashMap<&str, (bool, usize)> = HashMap::new();
    for (side, is_new) in [(old, false), (new, true)] {
        for asked in side.asked.iter().filter(|asked| asked.namespace == namespace) {
            let get = |named: &Named| named.get(resource).copied().unwrap_or_default();
            let of_workload = amounts.entry(&asked.name).or_default();
            for (sum, amount) in of_workload[usize::from(is_new)].iter_mut().zip([get(&asked.steady), get(&asked.peak)]) {
                *sum = sum.plus(amount);
            }
            places.insert(&asked.name, (is_new, asked.at));
        }
    }
    let grown = |[was, is]: &[[Quantity; 2]; 2]| {
        let by = |at: usize| is[at].billionths().saturating_sub(was[at].billionths());
        (by(0).max(by(1)), by(0).min(by(1)))
    };
    let mut differ: Vec<(&str, [[Quantity; 2]; 2])> = amounts.into_iter().filter(|(_, [was, is])| was != is).collect();
    let rises = differ.iter().map(|(_, amounts)| grown(amounts).0).sum::<i128>() >= 0;
    differ.sort_by_key(|(_, amounts)| if rises { -grown(amounts).0 } else { grown(amounts).1 });
    let by = differ.iter().take(MOST).map(|(name, [was, is])| {
        let at = usize::from(was[0] == is[0]);
        format!("{name}: {resource} {} → {}", display(resource, was[at]), display(resource, is[at]))
    });
    let more = differ.len().checked_sub(MOST).filter(|more| *more > 0).map(|more| format!("{more} more"));
    let by = by.chain(more).collect();
    let Some((first, _)) = differ.first() else {
        // The quota changed, and not what is asked for.
        let quota = changes
            .iter()
            .copied()
            .find(|change| change.object.kind == "ResourceQuota" && change.object.namespace.as_deref() == Some(namespace))?;
        let field = quota.fields.iter().find(|field| field.path.0.last() == Some(&Segment::from(resource)));
        return Some((quota.object.clone(), field.or(quota.fields.first()).map(|field| field.path.clone()).unwrap_or_default(), by));
    };
    let (is_new, at) = *places.get(first)?;
    let object = if is_new { new } else { old }.index.objects.get(at)?.id();
    let is_own = |change: &&Change| change.object == object || change.was.as_ref() == Some(&object);
    // What is not changed itself asks for more because of what scales it, or fills in what it does not say.
    let is_reason =
        |change: &&Change| REASONS.contains(&&*change.object.kind) && change.object.namespace.as_deref().unwrap_or("default") == namespace;
    if let (false, Some(reason)) = (changes.iter().any(&is_own), changes.iter().copied().find(is_reason)) {
        let path = reason.fields.first().map(|field| field.path.clone()).unwrap_or_default();
        return Some((reason.object.clone(), path, by));
    }
    let change = changes.iter().copied().find(is_own);
    let says =
        |field: &&Field| field.path.0.iter().any(|segment| [Segment::from("resources"), Segment::from("replicas")].contains(segment));
    let path = change.and_then(|change| change.fields.iter().find(says)).map(|field| field.path.clone()).unwrap_or_default();
    Some((object, path, by))
}

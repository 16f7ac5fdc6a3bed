//! Which object of a new state is which of an old one.

use std::collections::{BTreeMap, HashMap, HashSet};

use kustomize::Node;

use super::affix;
use crate::objects::{Index, Object};

/// An object on both sides, or on one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Its place among the old objects.
    pub old: Option<usize>,
    /// Its place among the new objects.
    pub new: Option<usize>,
    /// What they have in common.
    pub how: How,
}

impl Pair {
    /// Whether applying the new object updates the old one.
    pub fn is_update(&self) -> bool {
        matches!(self.how, How::Identity | How::Moved) && self.old.is_some() && self.new.is_some()
    }
}

/// How two objects were found to be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// The API server calls them the same.
    Identity,
    /// The kind is served by another group now.
    Moved,
    /// Their names differ in the hash of their content only.
    Hash,
    /// They were renamed, or are in another namespace.
    Renamed,
    /// There is only one.
    Alone,
}

/// What a name consists of that tells an object, in one of the steps by which objects are matched.
type Key<'a> = (&'a str, &'a str, &'a str, &'a str);

/// Matches objects: by identity, then across groups of a kind, then through content hashes, namespaces and affixes of names. What is left
/// is alone. In the order of the new objects, then of the old ones.
pub fn pairs(old: &[&Node], new: &[&Node]) -> Vec<Pair> {
    let (old, new) = (Index::new(old), Index::new(new));
    let mut matcher = Matcher { old: &old.objects, new: &new.objects, partner: vec![None; new.objects.len()], taken: HashSet::new() };
    matcher.by(How::Identity, |object| Some((object.group(), object.kind, object.namespace, object.name)));
    matcher.by(How::Moved, |object| Some((stored_as(object.group()), object.kind, object.namespace, object.name)));
    matcher.by(How::Hash, |object| Some((object.group(), object.kind, object.namespace, stem(object.name))));
    matcher.by(How::Renamed, |object| Some(("", object.kind, object.namespace, object.name)));
    matcher.by(How::Renamed, |object| Some((object.group(), object.kind, "", object.name)));
    matcher.by(How::Renamed, |object| Some((object.group(), object.kind, "", stem(object.name))));
    matcher.by_affix();
    matcher.by(How::Renamed, |object| Some((purpose(object.kind)?, "", object.namespace, object.name)));
    matcher.by(How::Renamed, |object| Some((purpose(object.kind)?, "", "", object.name)));
    let mut pairs: Vec<_> = matcher
        .partner
        .iter()
        .enumerate()
        .map(|(new, partner)| Pair { old: partner.map(|(old, _)| old), new: Some(new), how: partner.map_or(How::Alone, |(_, how)| how) })
        .collect();
    let gone = (0..old.objects.len()).filter(|at| !matcher.taken.contains(at));
    pairs.extend(gone.map(|at| Pair { old: Some(at), new: None, how: How::Alone }));
    pairs
}

/// What is left of a kind.
#[derive(Default)]
struct Sides {
    old: Vec<usize>,
    new: Vec<usize>,
}

struct Matcher<'m, 'a> {
    old: &'m [Object<'a>],
    new: &'m [Object<'a>],
    partner: Vec<Option<(usize, How)>>,
    taken: HashSet<usize>,
}

impl<'a> Matcher<'_, 'a> {
    /// Matches what has the same key, where only one object on either side is left that has it.
    fn by(&mut self, how: How, key: impl Fn(&Object<'a>) -> Option<Key<'a>>) {
        let mut left: HashMap<Key<'a>, Vec<usize>> = HashMap::new();
        let open = self.old.iter().enumerate().rev().filter(|(at, _)| !self.taken.contains(at));
        for (at, key) in open.filter_map(|(at, object)| Some((at, key(object)?))) {
            left.entry(key).or_default().push(at);
        }
        let mut wanted: HashMap<Key<'a>, usize> = HashMap::new();
        let open = self.new.iter().enumerate().filter(|(at, _)| self.partner[*at].is_none());
        for key in open.filter_map(|(_, object)| key(object)) {
            *wanted.entry(key).or_default() += 1;
        }
        for at in 0..self.new.len() {
            if self.partner[at].is_some() {
                continue;
            }
            let Some(key) = key(&self.new[at]) else { continue };
            let Some(found) = left.get_mut(&key) else { continue };
            // The same identity twice is matched in its order; anything else must be certain.
            if how != How::Identity && (found.len() > 1 || wanted.get(&key).is_some_and(|count| *count > 1)) {
                continue;
            }
            if let Some(old) = found.pop() {
                self.partner[at] = Some((old, how));
                self.taken.insert(old);
            }
        }
    }

    /// Matches what got, lost or exchanged a prefix or suffix, whatever its namespace.
    fn by_affix(&mut self) {
        let mut kinds: BTreeMap<(&str, &str), Sides> = BTreeMap::new();
        for (at, object) in self.old.iter().enumerate().filter(|(at, _)| !self.taken.contains(at)) {
            kinds.entry((object.group(), object.kind)).or_default().old.push(at);
        }
        for (at, object) in self.new.iter().enumerate().filter(|(at, _)| self.partner[*at].is_none()) {
            kinds.entry((object.group(), object.kind)).or_default().new.push(at);
        }
        let kinds: Vec<Sides> = kinds.into_values().collect();
        let names = |side: &[usize], of: &[Object<'a>]| side.iter().filter_map(|at| of.get(*at)).map(|object| stem(object.name)).collect();
        let names: Vec<_> = kinds.iter().map(|sides| (names(&sides.old, self.old), names(&sides.new, self.new))).collect();
        for (kind, old, new) in affix::renamed(&names) {
            let Sides { old: olds, new: news } = &kinds[kind];
            let (old, new) = (olds[old], news[new]);
            self.partner[new] = Some((old, How::Renamed));
            self.taken.insert(old);
        }
    }
}

/// The group by which kinds that were served by several are kept.
fn stored_as(group: &str) -> &str {
    match group {
        "extensions" | "apps" | "networking.k8s.io" | "policy" => "extensions",
        "events.k8s.io" => "",
        group => group,
    }
}

/// Kinds that take each other's place under one name.
const PURPOSES: &[(&str, &[&str])] = &[
    (
        "workload",
        &["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Pod", "Rollout", "CloneSet", "Job", "CronJob"],
    ),
    ("route", &["Ingress", "HTTPRoute", "GRPCRoute", "TLSRoute", "Route", "VirtualService", "IngressRoute", "HTTPProxy"]),
    ("role", &["Role", "ClusterRole"]),
    ("binding", &["RoleBinding", "ClusterRoleBinding"]),
    ("settings", &["ConfigMap", "Secret", "ExternalSecret", "SealedSecret"]),
    ("policy", &["NetworkPolicy", "CiliumNetworkPolicy", "GlobalNetworkPolicy"]),
    ("scaler", &["HorizontalPodAutoscaler", "ScaledObject"]),
];

fn purpose(kind: &str) -> Option<&'static str> {
    PURPOSES.iter().find(|(_, kinds)| kinds.contains(&kind)).map(|(purpose, _)| *purpose)
}

/// A name without the hash that Kustomize ends names of generated objects with.
pub(super) fn stem(name: &str) -> &str {
    const LENGTH: usize = 10;
    let hash = |text: &str| text.len() == LENGTH && text.bytes().all(|byte| b"bcdfghkmt2456789".contains(&byte));
    name.rsplit_once('-').filter(|(_, end)| hash(end)).map_or(name, |(stem, _)| stem)
}

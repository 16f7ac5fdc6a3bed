//! Facts about rendered Kubernetes objects, computed in Rust so that rules need not join objects themselves.
//!
//! This crate knows objects and their paths. It knows nothing of files, of Rego or of environments.
//! [`compute`] does everything in one pass over an index, so its time grows linearly with the objects.
//!
//! Fields are read from the tree, and not from the typed views of `k8s-openapi`, which was tried (0.29, feature `v1_36`) and argued against itself:
//!
//! - *It would not be shorter.* Of what reads a NetworkPolicy ([`traffic`]), a tenth takes fields out of the tree. The rest says what is wrong with them
//!   and where, which a typed view does not know; it would have to count along to keep the paths. Of an autoscaler, a quota or a policy of the cluster
//!   a handful of fields is read, and of roles nothing is: rules in Rego do that.
//! - *It would be less exact.* What is missing becomes the default: an autoscaler without a target or maximum decodes, with 0 replicas, and a block
//!   without `cidr`, with an empty text. The first value of a wrong type ends the object. And facts are also computed where the schema check objects.
//! - *It would cost.* 45 s of CPU time to build with what it needs (30 s for the crate itself), a library of 37 MB, and 4 µs to decode one small policy
//!   into texts of its own, where selectors and labels are borrowed from the tree now.
//!
//! What it knows better than anybody, the kinds, their scope and their fields, is the oracle of a test over the schema tables, `tests/oracle.rs`.
//!
//! The modules below are its layers, from the ground up: each uses those above it in this list and none below (the test `layers` sees to that).

/// Objects, their names, paths into them, and an index over them.
pub mod objects;

/// Values that something fills in later, so that nothing is known of them yet.
pub mod later;

/// Texts with fields of objects in them.
pub mod template;

/// Label selectors.
pub mod selectors;

/// The table of what operators make of their resources.
pub mod products;

/// The table of where other kinds than Kubernetes' own keep their Pods.
pub mod workloads;

/// What the API server refuses.
pub mod schema;

/// What the cluster's own policies refuse.
pub mod admission;

/// The names of other objects that stand in objects.
pub mod mentions;

/// The digests that images are pinned to.
pub mod images;

/// Requests, limits and quotas.
pub mod capacity;

/// Who may talk to whom, and who needs to.
pub mod traffic;

/// Names that nothing answers to.
pub mod references;

/// What protects a workload, and what of that its copy in another environment has lost.
pub mod protection;

/// Which settings of a Pod deserve that rules look at them.
pub mod suspect;

/// Two states of an object compared.
pub mod change;

use std::collections::BTreeMap;
use std::sync::Arc;

use kustomize::Node;
use serde::Serialize;

use admission::gatekeeper::Engine;
use admission::{Change, Decision, Denial, Policies};
use capacity::CapacityFacts;
use objects::{Index, Object, Path};
use products::Products;
use references::Dangling;
use references::objects::Known;
use references::provided::Provided;
use schema::{Judged, Reason, Ruled, SchemaFact, SchemaSet, Undecided};
use suspect::Suspects;
use traffic::cluster::Cluster;
use traffic::facts::{NetworkFacts, NetworkOverview};
use traffic::needs::Needs;
use traffic::network::Network;
use traffic::services::Services;
use workloads::Reading;

/// What the facts depend on beside the objects.
#[derive(Clone, Debug, Default)]
pub struct Options<'a> {
    /// The Kubernetes version to judge by; by default the newest one.
    pub kubernetes_version: schema::Version,
    /// CustomResourceDefinitions beside those among the objects, for example from `policies/schemas/`.
    pub crds: Option<&'a schema::Definitions>,
    /// The cluster's admission policies, bindings and parameters beside those among the objects.
    pub admission: &'a [Node],
    /// What evaluates the Rego of Gatekeeper's templates; without it, what they say is undecided.
    pub engine: Option<&'a dyn Engine>,
    /// What operators make of their resources; an empty table if there is none.
    pub products: Option<&'a Products>,
    /// What is applied on top of the objects at times, such as Jobs on demand: policies may be meant for it.
    pub additions: &'a [&'a Node],
    /// The Pods of those of the objects that are of other kinds than Kubernetes' own.
    pub reading: Option<&'a Reading<'a>>,
    /// What the first of the objects were, where an update makes them what they are: admission policies judge the update, and what the API server
    /// refuses in it is left to [`change::compare`].
    pub old: &'a [Option<&'a Node>],
    /// What is known of objects alone, by their places, where it is known already.
    pub alone: &'a [Option<Arc<Alone>>],
}

/// Everything that is known about a set of objects that is deployed together.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Facts {
    /// What is known about each object, in the order of the objects; a rule sees it as `input.facts`.
    pub objects: Vec<ObjectFacts>,
    /// The same for each of the Pods of objects of other kinds than Kubernetes' own.
    pub views: Vec<ObjectFacts>,
    /// What is known about all of them together; a rule with `custom.scope: overlay` sees it as `input.facts`.
    pub overlay: OverlayFacts,
    /// What of it hangs on each object and the definitions of kinds alone, in the order of the objects.
    #[serde(skip)]
    pub alone: Vec<Arc<Alone>>,
}

/// What is known about one object whatever else is there, as long as kinds are defined as they are: of an object that is written as it was, it need not be
/// computed again.
#[derive(Clone, Debug, Default)]
pub struct Alone {
    suspect: Suspects,
    schema: Vec<SchemaFact>,
    coverage: Coverage,
}

/// What is known about one object.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectFacts {
    /// What NetworkPolicies mean for it, where it makes pods, and what it selects, where it is a NetworkPolicy.
    pub network: NetworkFacts,
    /// What the API server would refuse in it; empty where it would accept it.
    pub schema: Vec<SchemaFact>,
    /// What the cluster's own admission policies say of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub admission: Vec<Denial>,
    /// References to objects and keys that are not there.
    pub dangling: Vec<Dangling>,
    /// Whether what it takes fits its namespace.
    pub capacity: CapacityFacts,
    /// Which settings of its pod deserve a closer look.
    pub suspect: Suspects,
    /// What of it nothing can judge.
    pub coverage: Coverage,
    /// Its images without a digest, each with the one that it has elsewhere among the objects.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub pinned: BTreeMap<String, String>,
    /// Where its Pods are, where these are judged as those of another kind.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pods: Vec<Path>,
}

/// What of an object nothing can judge.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Coverage {
    /// Whether no schema of its kind is known, so that nothing checks its fields.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unchecked: bool,
    /// Whether the schema of its kind is not sure enough to check more than types and names of fields.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub partly_checked: bool,
    /// Why one of both, where there is more to say than that no schema is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Where it has something that looks like a Pod and that no rule can read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<Path>,
    /// What its definition's rules say of it, where that can't be told here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub undecided: Vec<Undecided>,
    /// Whether it is a policy on traffic of another kind than NetworkPolicy, so that what it allows is not known.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub foreign_policy: bool,
}

/// What is known about all objects together.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OverlayFacts {
    /// Which namespaces deny by default, and which policies can't be judged.
    pub network: NetworkOverview,
    /// What about the objects deserves a closer look.
    pub suspect: Suspects,
}

/// Computes the facts of `objects`, which are canonical and deployed together.
pub fn compute(objects: &[&Node], options: &Options<'_>) -> Facts {
    let nothing = Reading::default();
    let reading = options.reading.unwrap_or(&nothing);
    let index = reading.index(objects);
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
    let set = set.with_catalog(objects.iter().copied());
    let provided = Provided::new(&index, &made, products);
    let known = Known { index: &index, cluster: &network.cluster, services: &services, provided: &provided };
    let dangling = references::dangling(known, &needs);
    let capacity = capacity::facts(&index, &made, &additions);
    let policies = Policies::of(objects, options.admission).with_engine(options.engine);
    let alone = |(at, object): (usize, &Object<'_>)| match options.alone.get(at).and_then(Option::as_ref) {
        Some(known) => Arc::clone(known),
        None => Arc::new(Alone::of(object, options.old.get(at).copied().flatten().is_some(), &set, &policies)),
    };
    let alone: Vec<Arc<Alone>> = index.objects.iter().enumerate().map(alone).collect();
    let suspect_of_all = suspect::of_all(&index, alone.iter().map(|alone| &alone.suspect));
    let each = index.objects.iter().zip(network_facts).zip(dangling).zip(capacity);
    let of_each = |(at, (((object, network), dangling), capacity)): (usize, (((&Object<'_>, _), _), _))| {
        let Alone { suspect, schema, mut coverage } = alone.get(at).map(|alone| Alone::clone(alone)).unwrap_or_default();
        let old = options.old.get(at).copied().flatten();
        let change = Change { object: Some(object.node), old, namespace: object.namespace, ..Change::default() };
        let decision = if object.is_view() { Decision::default() } else { policies.decide(&change) };
        coverage.undecided.extend(decision.undecided);
        let admission = decision.denials;
        ObjectFacts { capacity, schema, suspect, network, admission, dangling, coverage, pinned: BTreeMap::new(), pods: Vec::new() }
    };
    let mut all: Vec<ObjectFacts> = each.enumerate().map(of_each).collect();
    std::iter::zip(&mut all, images::pinned(&index)).for_each(|(facts, pinned)| facts.pinned = pinned);
    for (at, path) in &reading.unread {
        all.get_mut(*at).into_iter().for_each(|facts| facts.coverage.unread.push(path.clone()));
    }
    for view in &reading.views {
        let (Some(facts), Some(object)) = (all.get_mut(view.at), objects.get(view.at)) else { continue };
        facts.pods.extend(view.pods().cloned());
        if let Some(path) = view.template() {
            facts.schema.extend(schema::check_template(object, path, &set));
            if facts.coverage.unchecked {
                let why = "no schema of the kind is known: only its Pod template is checked".to_owned();
                facts.coverage = Coverage { unchecked: false, partly_checked: true, why: Some(why), ..facts.coverage.clone() };
            }
        }
    }
    let views = all.split_off(objects.len());
    let alone = alone.into_iter().take(objects.len()).collect();
    Facts { objects: all, views, overlay: OverlayFacts { network: overview, suspect: suspect_of_all }, alone }
}

impl Alone {
    /// Of an object; what the API server refuses in an update is left out.
    fn of(object: &Object<'_>, is_update: bool, set: &SchemaSet<'_>, policies: &Policies<'_>) -> Self {
        let suspect = suspect::of(object);
        // The shape of a built-in kind is ours; what the API server is asked to take is the object.
        if object.is_view() {
            return Self { suspect, ..Self::default() };
        }
        let mut schema = if is_update { Vec::new() } else { schema::check(object.node, set) };
        let coverage = match set.judges(object.node) {
            Judged::Not(why) if !schema.iter().any(|fact| fact.reason == Reason::ApiVersion) => {
                Coverage { unchecked: true, why, ..Coverage::default() }
            }
            Judged::Partly(why) => Coverage { partly_checked: true, why: Some(why), ..Coverage::default() },
            _ => Coverage::default(),
        };
        let ruled = if schema.is_empty() && !is_update { schema::rules(object.node, None, set) } else { Ruled::default() };
        schema.extend(ruled.facts);
        schema.extend(policies.mistakes(object.node));
        let foreign_policy = traffic::foreign::is_policy(object);
        Self { suspect, schema, coverage: Coverage { undecided: ruled.undecided, foreign_policy, ..coverage } }
    }
}

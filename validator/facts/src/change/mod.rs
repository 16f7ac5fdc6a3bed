//! What a change of an object means: whether the API server takes it, what it changes of what is stored, and whether Pods are replaced.
//!
//! An update is made as `kubectl apply` makes it (see [`merge`]), on the object that the old manifest made. What is compared is what is stored
//! ([`settle`]), so what is only written differently is no change.

mod affix;
mod compare;
mod effects;
mod fields;
mod immutable;
mod json;
mod merge;
mod pairs;
mod refuse;
mod restart;
mod server;
mod settle;
mod shape;
mod share;
mod tables;

use base64::Engine as _;
use kustomize::Node;
use serde::Serialize;
use serde_json::{Map, Value as Json};

pub use compare::{Change, Kind, compare, compare_pairs};
pub use effects::{
    CapacityChange, Effects, Exposed, Exposure, FlowChange, Flows, Grant, Handover, ResourceChange, Right, Rights, State, To, Uncompared,
    Wait, effects,
};
pub use fields::Field;
pub use pairs::{How, Pair, pairs};
pub use restart::Restart;

use crate::objects::Path;
use crate::schema::{self, Reason, Ruled, SchemaFact, SchemaSet, Undecided};
use shape::Shape;

/// Why the API server (or `kubectl` before it) refuses an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// The value can't be what it would be.
    Invalid,
    /// The field can't be changed.
    Forbidden,
    /// `kubectl` can't make a patch.
    Client,
}

/// What an update would be refused for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Refusal {
    /// Where it changes, in the new object.
    pub path: Path,
    /// The field as the API server names it in its answer.
    pub field: String,
    /// The kind of answer.
    pub reason: Why,
    /// What is wrong, for people: it continues a sentence that starts with the field.
    pub message: String,
}

/// What applying a new manifest does to the object that an old one made.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Update {
    /// What the API server stores otherwise than before; empty where nothing changes.
    pub fields: Vec<Field>,
    /// What it refuses because the object is there already and can't change so.
    pub refused: Vec<Refusal>,
    /// What it refuses in the object that would be stored, with places in the new manifest.
    pub invalid: Vec<SchemaFact>,
    /// What of that can't be told here.
    pub undecided: Vec<Undecided>,
    /// Whether Pods are replaced.
    pub restart: Restart,
}

impl Update {
    /// Whether nothing that is stored changes.
    pub fn is_noop(&self) -> bool {
        self.fields.is_empty()
    }

    /// Whether the API server would answer with an error.
    pub fn is_refused(&self) -> bool {
        !self.refused.is_empty() || !self.invalid.is_empty()
    }
}

/// What applying `new` does to the object that `old` made. Where `old` was read from a cluster, what was applied there last counts.
pub fn update(old: &Node, new: &Node, set: &SchemaSet<'_>) -> Update {
    let text = |key| new.str_at(&[key]).unwrap_or_default();
    let (api_version, kind) = (text("apiVersion"), text("kind"));
    let shape = Shape::of(set.version(), api_version, kind);
    let (mut live, mut wanted) = (json::of(old), json::of(new));
    json::put(&mut live, &["apiVersion"], Some(api_version.into()));
    let mut applied = server::applied(&live);
    [&mut live, &mut wanted, &mut applied].into_iter().for_each(settle::forget_server);
    // `kubectl apply` always has an annotation of its own, so it never takes out all of them at once.
    if json::at(&wanted, &["metadata", "annotations"]).is_none() && json::at(&wanted, &["metadata"]).is_some_and(Json::is_object) {
        json::put(&mut wanted, &["metadata", "annotations"], Some(Json::Object(Map::new())));
    }
    store(&mut live, shape, set);
    let mut merger = merge::Merger::default();
    let mut written = refuse::prepare(&live, merger.apply(&applied, &wanted, &live, shape), api_version, kind);
    settle::drop_gated(&mut written, shape);
    let mut stored = written.clone();
    store(&mut stored, shape, set);
    refuse::keep(&live, &mut stored, api_version, kind);
    let mut update = Update { refused: merger.refused, ..Update::default() };
    if update.refused.is_empty() {
        update.invalid = invalid(&written, &stored, shape, set, api_version, kind);
    }
    if update.refused.is_empty() && !shape.is_known() {
        update.invalid.retain(|fact| !set.stays_wrong(fact, &live, &stored));
        if update.invalid.is_empty() {
            let ruled = rules(&live, &stored, set);
            (update.invalid, update.undecided) = (ruled.facts, ruled.undecided);
        }
    }
    if shape.is_known() {
        immutable::check(&live, &stored, api_version, kind, &mut update.refused);
        refuse::check(&live, &stored, api_version, kind, set.version(), &mut update.refused);
        [&mut live, &mut stored].into_iter().for_each(|object| _ = json::take(object, &["status"]));
    } else {
        [&mut live, &mut stored].into_iter().for_each(|object| set.even_out(object));
    }
    update.fields = fields::fields(&live, &stored, shape);
    update.restart = restart::of(&live, &stored, api_version, kind);
    update
}

/// Brings an object into the form that is stored.
fn store(object: &mut Json, shape: Shape, set: &SchemaSet<'_>) {
    if shape.is_known() {
        return settle::settle(object, shape);
    }
    if let Some(metadata) = object.get_mut("metadata") {
        settle::settle(metadata, Shape::of_metadata(set.version()));
    }
    set.complete(object);
}

/// What the rules in CEL of a definition say of the change of a custom resource.
fn rules(live: &Json, stored: &Json, set: &SchemaSet<'_>) -> Ruled {
    match (json::node(live), json::node(stored)) {
        (Some(live), Some(stored)) => schema::rules(&stored, Some(&live), set),
        _ => Ruled::default(),
    }
}

/// What the API server refuses in what would be stored: in what is written, or else in what that becomes with its defaults.
fn invalid(written: &Json, stored: &Json, shape: Shape, set: &SchemaSet<'_>, api_version: &str, kind: &str) -> Vec<SchemaFact> {
    let check = |value: &Json| {
        let node = json::node(&refuse::generated(value, api_version, kind));
        let facts = node.map(|node| schema::check(&node, set)).unwrap_or_default();
        // Where the old object is, the kind is turned on.
        facts.into_iter().filter(|fact| fact.reason != Reason::Off).collect::<Vec<_>>()
    };
    let mut facts = check(written);
    if shape.is_known() && facts.is_empty() {
        facts = check(stored);
    }
    // Which node ports there are is the cluster's own choice.
    let is_range = |fact: &SchemaFact| kind == "Service" && fact.reason == Reason::Invalid && fact.field.ends_with(".nodePort");
    facts.retain(|fact| !is_range(fact));
    if kind == "CustomResourceDefinition" && refuse::has_one_schema(written) {
        facts.iter_mut().for_each(|fact| hoist(&mut fact.field));
    }
    facts
}

/// The API server keeps a schema that all versions share outside of them, and names it so.
fn hoist(field: &mut String) {
    if let Some((_, below)) = field.strip_prefix("spec.versions[").and_then(|rest| rest.split_once("].schema")) {
        *field = format!("spec.validation{below}");
    }
}

/// `data` of Secrets.
fn encode(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

//! Two states of objects that are deployed together, object by object.

use kustomize::Node;
use serde::Serialize;
use serde_json::Value as Json;

use super::fields::{self, Field};
use super::pairs::{How, Pair, pairs};
use super::restart::Restart;
use super::shape::Shape;
use super::{Refusal, Update, json, server, settle, store, update};
use crate::objects::ObjectId;
use crate::schema::{SchemaFact, SchemaSet, Undecided};

/// What became of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// It is new.
    Added,
    /// It is not there any more.
    Removed,
    /// It is there under another name, so the API server has both until somebody deletes the old one.
    Renamed,
    /// It changes.
    Changed,
    /// It is stored as it was, however it is written.
    Unchanged,
}

/// An object in two states.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// What became of it.
    pub change: Kind,
    /// Which object, as it is now, or was where it is gone.
    pub object: ObjectId,
    /// What it was called, where that is not the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub was: Option<ObjectId>,
    /// Whether its name differs in the hash of its content only.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub by_hash: bool,
    /// What differs in what is stored.
    pub fields: Vec<Field>,
    /// Why the API server refuses to change it.
    pub refused: Vec<Refusal>,
    /// What it refuses in the object that would be stored.
    #[serde(skip)]
    pub invalid: Vec<SchemaFact>,
    /// What of that can't be told here.
    #[serde(skip)]
    pub undecided: Vec<Undecided>,
    /// What happens to its Pods.
    pub restart: Restart,
    /// The ConfigMaps and Secrets whose new names replace its Pods.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hashes: Vec<ObjectId>,
    /// Whether it is written otherwise than before, so that it was looked at as an update.
    #[serde(skip)]
    is_compared: bool,
    /// Its place among the old objects.
    #[serde(skip)]
    pub old: Option<usize>,
    /// Its place among the new objects.
    #[serde(skip)]
    pub new: Option<usize>,
}

impl Change {
    /// Whether applying the new manifest updates the object that is there.
    pub fn is_update(&self) -> bool {
        matches!(self.change, Kind::Changed | Kind::Unchanged) && self.is_compared
    }
}

/// Compares two states. Objects that are equal as they are written cost next to nothing.
pub fn compare(old: &[&Node], new: &[&Node], set: &SchemaSet<'_>) -> Vec<Change> {
    compare_pairs(&pairs(old, new), old, new, set)
}

/// The same for objects that were matched already.
pub fn compare_pairs(pairs: &[Pair], old: &[&Node], new: &[&Node], set: &SchemaSet<'_>) -> Vec<Change> {
    let mut changes: Vec<Change> = pairs.iter().map(|pair| change(*pair, old, new, set)).collect();
    let hashes: Vec<(ObjectId, ObjectId)> =
        changes.iter().filter(|change| change.by_hash).filter_map(|change| Some((change.was.clone()?, change.object.clone()))).collect();
    for change in changes.iter_mut().filter(|change| change.restart != Restart::None) {
        let is = |value: &Option<Json>, name: &str| value.as_ref().and_then(Json::as_str) == Some(name);
        let named =
            |(was, now): &&(ObjectId, ObjectId)| change.fields.iter().any(|field| is(&field.old, &was.name) && is(&field.new, &now.name));
        change.hashes = hashes.iter().filter(named).map(|(_, now)| now.clone()).collect();
    }
    changes
}

fn change(pair: Pair, old: &[&Node], new: &[&Node], set: &SchemaSet<'_>) -> Change {
    let (before, after) = (pair.old.and_then(|at| old.get(at)).copied(), pair.new.and_then(|at| new.get(at)).copied());
    let object = after.or(before).map(id).unwrap_or_else(|| ObjectId {
        api_version: String::new(),
        kind: String::new(),
        namespace: None,
        name: String::new(),
    });
    let was = before.filter(|_| after.is_some()).map(id).filter(|was| *was != object);
    let mut change = Change {
        change: Kind::Unchanged,
        object,
        was,
        by_hash: pair.how == How::Hash,
        fields: Vec::new(),
        refused: Vec::new(),
        invalid: Vec::new(),
        undecided: Vec::new(),
        restart: Restart::None,
        hashes: Vec::new(),
        is_compared: false,
        old: pair.old,
        new: pair.new,
    };
    match (before, after) {
        (Some(before), Some(after)) if pair.is_update() => {
            if before != after {
                change.is_compared = true;
                let Update { fields, refused, invalid, undecided, restart } = update(before, after, set);
                let is_unchanged = fields.is_empty() && refused.is_empty() && invalid.is_empty() && change.was.is_none();
                change.change = if is_unchanged { Kind::Unchanged } else { Kind::Changed };
                (change.fields, change.refused, change.restart) = (fields, refused, restart);
                (change.invalid, change.undecided) = (invalid, undecided);
            }
        }
        (Some(before), Some(after)) => {
            change.change = Kind::Renamed;
            change.fields = renamed(before, after, set);
        }
        (None, Some(_)) => change.change = Kind::Added,
        // What the cluster makes by itself is in no manifest.
        (Some(before), None) if server::makes(before) => {}
        (Some(_), None) => change.change = Kind::Removed,
        (None, None) => {}
    }
    change
}

fn id(node: &Node) -> ObjectId {
    let text = |keys: &[&str]| node.str_at(keys).unwrap_or_default().to_owned();
    ObjectId {
        api_version: text(&["apiVersion"]),
        kind: text(&["kind"]),
        namespace: node.str_at(&["metadata", "namespace"]).map(str::to_owned),
        name: text(&["metadata", "name"]),
    }
}

/// What differs beside what tells the objects apart.
fn renamed(before: &Node, after: &Node, set: &SchemaSet<'_>) -> Vec<Field> {
    let text = |key| after.str_at(&[key]).unwrap_or_default();
    let shape = Shape::of(set.version(), text("apiVersion"), text("kind"));
    let [before, after] = [before, after].map(|node| {
        let mut value = json::of(node);
        settle::forget_server(&mut value);
        store(&mut value, shape, set);
        let of_identity: [&[&str]; 5] =
            [&["apiVersion"], &["kind"], &["metadata", "name"], &["metadata", "namespace"], &["metadata", "uid"]];
        of_identity.iter().for_each(|keys| _ = json::take(&mut value, keys));
        value
    });
    fields::fields(&before, &after, shape)
}

//! Whether renders differ only where fixes say so.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::PathBuf;

use kustomize::{Node, Sources, Value, merge_keys};

use super::tree::{self, Change};
use crate::identity::{path_in, without_hash};
use crate::locate;
use crate::location::{Object, Step};
use crate::paths::shown;
use crate::remedy::Edit;

/// Lists whose order matters to no program, although a patch may change it.
const UNORDERED: [&str; 6] = ["containers", "volumes", "volumeMounts", "ports", "imagePullSecrets", "topologySpreadConstraints"];

/// What fixes say of an overlay: edits, each with the object of its finding.
#[derive(Clone, Debug, Default)]
pub(crate) struct Said<'a> {
    pub(crate) edits: Vec<(&'a Object, Edit)>,
    /// Fields that become what they were before a patch took them out, whatever that was.
    pub(crate) restored: Vec<(&'a Object, &'a [Step])>,
    /// Places in files of which the values may change.
    pub(crate) free: BTreeSet<(PathBuf, u32, u32)>,
}

/// An object in the comparison: without the hash in its name.
type Key = (String, String, Option<String>, String);

fn key(object: &Object) -> Key {
    (object.api_version.clone(), object.kind.clone(), object.namespace.clone(), without_hash(&object.name).to_owned())
}

/// The objects that are not as they should be, and where each differs.
pub(crate) fn differences(sources: &Sources, old: &[&Node], new: &[&Node], said: &Said<'_>) -> Vec<(Object, String)> {
    let mut found: Vec<(Object, String)> = Vec::new();
    let mut expected: Vec<(Object, Cow<'_, Node>)> = old.iter().map(|node| (Object::of(node), Cow::Borrowed(*node))).collect();
    let mut created = BTreeSet::new();
    let mut removals: Vec<(usize, Vec<Step>)> = Vec::new();
    for (own, edit) in &said.edits {
        let (object, change) = match edit {
            Edit::Set { object, path, value } => (object, Change::Set(path.clone(), value.clone())),
            Edit::Add { object, path, value } => (object, Change::Add(path.clone(), value.clone())),
            Edit::Remove { object, path } => (object, Change::Remove(path.clone())),
            Edit::Create { object } => {
                let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
                created.insert((text(&object["kind"]), text(&object["metadata"]["name"])));
                continue;
            }
            Edit::Source(_) => continue,
        };
        let identity = object.as_ref().unwrap_or(own);
        let Some(at) = expected.iter().position(|(known, _)| known == identity) else { continue };
        if let Change::Remove(path) = change {
            removals.push((at, path));
        } else if let Some((object, node)) = expected.get_mut(at)
            && let Err(why) = tree::apply(node.to_mut(), &change)
        {
            found.push((object.clone(), why.to_string()));
        }
    }
    // The last elements of lists first, so that the others stay where they are.
    removals.sort_by(|one, other| other.cmp(one));
    removals.dedup();
    for (at, path) in removals {
        if let Some((object, node)) = expected.get_mut(at)
            && let Err(why) = tree::apply(node.to_mut(), &Change::Remove(path))
        {
            found.push((object.clone(), why.to_string()));
        }
    }
    let mut now: BTreeMap<Key, Vec<&Node>> = BTreeMap::new();
    new.iter().copied().for_each(|node| now.entry(key(&Object::of(node))).or_default().push(node));
    for (identity, path) in &said.restored {
        let is_it = |(known, _): &&mut (Object, Cow<'_, Node>)| known == *identity;
        let (Some((_, node)), Some(other)) =
            (expected.iter_mut().find(is_it), now.get(&key(identity)).and_then(|list| list.first().copied()))
        else {
            continue;
        };
        let missing = path.get(..=tree::depth(node, path)).unwrap_or(path);
        let Some(value) = locate::resolve(other, &path_in(node, other, missing)).cloned() else { continue };
        if let Some((Step::Key(last), above)) = missing.split_last()
            && let Some(map) = tree::found(node.to_mut(), above).and_then(Node::as_map_mut)
        {
            map.set(last, value);
        }
    }
    for (_, node) in &expected {
        let object = Object::of(node);
        let Some(other) = now.get_mut(&key(&object)).filter(|list| !list.is_empty()).map(|list| list.remove(0)) else {
            found.push((object, "it is not there any more".to_owned()));
            continue;
        };
        let keys = (object.api_version.clone(), object.kind.clone());
        let mut comparison = Comparison { sources, free: &said.free, kind: keys, path: Vec::new() };
        if !comparison.is_same(node, other) {
            let path = comparison.path.join(".");
            found.push((object, format!("`{path}` changes too")));
        }
    }
    let more = now
        .into_values()
        .flatten()
        .map(Object::of)
        .filter(|object| !created.iter().any(|(kind, name)| *kind == object.kind && *name == object.name));
    found.extend(more.map(|object| (object, "it is new".to_owned())));
    found
}

struct Comparison<'a> {
    sources: &'a Sources,
    free: &'a BTreeSet<(PathBuf, u32, u32)>,
    kind: (String, String),
    /// Where they differ.
    path: Vec<String>,
}

impl Comparison<'_> {
    fn is_same(&mut self, old: &Node, new: &Node) -> bool {
        if !self.free.is_empty() && old.origin.history().any(|origin| self.is_free(origin)) {
            return true;
        }
        match (&old.value, &new.value) {
            (Value::Scalar(one), Value::Scalar(other)) => {
                (one.tag == other.tag && one.text == other.text)
                    || (one.text != other.text && without_hash(&one.text) == without_hash(&other.text))
            }
            (Value::Map(one), Value::Map(other)) => {
                for entry in one.entries() {
                    self.path.push(entry.key.text.to_string());
                    let hashed = || {
                        other
                            .entries()
                            .iter()
                            .find(|known| without_hash(&known.key.text) == without_hash(&entry.key.text))
                            .map(|known| &known.value)
                    };
                    match other.get(&entry.key.text).or_else(hashed) {
                        Some(value) if self.is_same(&entry.value, value) => drop(self.path.pop()),
                        _ => return false,
                    }
                }
                let more = other
                    .entries()
                    .iter()
                    .find(|entry| one.get(&entry.key.text).is_none())
                    .filter(|_| one.entries().len() != other.entries().len());
                more.into_iter().for_each(|entry| self.path.push(entry.key.text.to_string()));
                more.is_none()
            }
            (Value::Seq(one), Value::Seq(other)) => {
                if one.items.len() != other.items.len() {
                    return false;
                }
                let mut rest: Vec<&Node> = other.items.iter().collect();
                let keys = self.merged();
                for (index, item) in one.items.iter().enumerate() {
                    let is_it = |other: &&Node| keys.is_some_and(|keys| keys.iter().all(|key| item.get(key) == other.get(key)));
                    let at = rest.iter().position(is_it).unwrap_or(0);
                    self.path.push(index.to_string());
                    if !self.is_same(item, rest.remove(at)) {
                        return false;
                    }
                    self.path.pop();
                }
                true
            }
            _ => false,
        }
    }

    fn is_free(&self, origin: &kustomize::Origin) -> bool {
        self.free.contains(&(shown(self.sources.get(origin.source).path()), origin.start, origin.end))
    }

    /// The keys that tell the elements of this list apart, where their order means nothing.
    fn merged(&self) -> Option<&'static [&'static str]> {
        if !self.path.last().is_some_and(|key| UNORDERED.contains(&key.as_str())) {
            return None;
        }
        let keys = self.path.iter().filter(|key| key.parse::<usize>().is_err());
        merge_keys(&self.kind.0, &self.kind.1, keys.map(String::as_str)).filter(|keys| !keys.is_empty())
    }
}

/// The range of an origin, for [`Said::free`].
pub(crate) fn place(sources: &Sources, origin: &kustomize::Origin) -> (PathBuf, Range<u32>) {
    (shown(sources.get(origin.source).path()), origin.start..origin.end)
}

//! What an edit does to files.

use std::path::{Path, PathBuf};

use kustomize::Node;
use kustomize::yaml::Dialect;
use serde_json::{Map, Value as Json, json};

use super::edit::documents;
use super::merge::{join, merge, nested};
use super::refusal::Refusal;
use super::spot::{Selector, Spot};
use super::style::Style;
use super::texts::Texts;
use super::tree::Change;
use crate::location::Step;

/// Which object, as the patches of a kustomization name it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Named {
    pub(crate) api_version: String,
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) namespace: Option<String>,
}

/// Something that is done to files.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Operation {
    /// A document is changed.
    Change(Spot, Change),
    /// The same several times, one after the other.
    Changes(Spot, Vec<Change>),
    /// A field is set in a strategic merge patch that is there; without a value it is taken out of the object.
    Merge { patch: Spot, path: Vec<Selector>, value: Option<Json> },
    /// The same in a patch that is made first, where it is not there yet.
    NewMerge { kustomization: PathBuf, file: NewPatch, object: Named, path: Vec<Selector>, value: Option<Json> },
    /// An operation of a JSON patch, in the kustomization.
    NewJson { kustomization: PathBuf, object: Named, operation: Json },
    /// A file with an object, which a kustomization lists: the first of these that is not there.
    NewObject { kustomization: PathBuf, files: Vec<PathBuf>, object: Json, style: Habits },
}

/// Where a new patch stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum NewPatch {
    /// In a file, the first of these that is not there, which the kustomization lists under `patches` or `patchesStrategicMerge`.
    File { paths: Vec<PathBuf>, deprecated: bool, style: Habits },
    /// In the kustomization itself.
    Inline { style: Habits },
}

/// How new files are written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Habits {
    step: usize,
    list: usize,
}

impl Habits {
    /// Those of a text.
    pub(crate) fn of(text: &str) -> Self {
        let documents = documents(text, Dialect::YamlV3).unwrap_or_default();
        let style = Style::of(text, &documents);
        Self { step: style.step, list: style.list }
    }

    fn write(self, object: &Json) -> String {
        let style = Style { step: self.step, list: self.list, ..Style::of("", &[]) };
        // Behind a key there would be a line break, and indentation.
        let text = style.behind(object, 0);
        let indentation = " ".repeat(self.step);
        let lines = text.trim_start_matches('\n').split('\n').map(|line| line.strip_prefix(&indentation).unwrap_or(line));
        lines.collect::<Vec<_>>().join("\n") + "\n"
    }
}

impl Operation {
    /// The file that it changes, or that lists what it makes.
    pub(crate) fn file(&self) -> &PathBuf {
        match self {
            Self::Change(spot, _) | Self::Changes(spot, _) | Self::Merge { patch: spot, .. } => &spot.file,
            Self::NewMerge { kustomization, .. } | Self::NewJson { kustomization, .. } | Self::NewObject { kustomization, .. } => {
                kustomization
            }
        }
    }

    /// What it writes.
    pub(super) fn values_mut(&mut self) -> Vec<&mut Json> {
        match self {
            Self::Change(_, change) => change.value_mut().into_iter().collect(),
            Self::Changes(_, changes) => changes.iter_mut().filter_map(Change::value_mut).collect(),
            Self::Merge { value, .. } | Self::NewMerge { value, .. } => value.iter_mut().collect(),
            Self::NewJson { operation, .. } => vec![operation],
            Self::NewObject { object, .. } => vec![object],
        }
    }

    /// Whether it changes other places than another one does, or the same in the same way.
    pub(crate) fn is_beside(&self, other: &Self) -> bool {
        if self == other {
            return true;
        }
        match (self, other) {
            (Self::Change(one, change), Self::Change(two, other)) if one == two => {
                let moves = |change: &Change| match change {
                    Change::Insert(..) | Change::Rename(..) => true,
                    Change::Remove(path) => matches!(path.last(), Some(Step::Index(_))),
                    _ => false,
                };
                let apart = !change.path().starts_with(other.path()) && !other.path().starts_with(change.path());
                let appends = matches!((change, other), (Change::Add(one, _), Change::Add(two, _)) if one == two);
                (apart || appends) && !moves(change) && !moves(other)
            }
            (Self::Changes(spot, _), other) | (other, Self::Changes(spot, _)) => spot.file != *other.file(),
            // In a kustomization, one takes an entry out while another adds one.
            (Self::Change(spot, change), other) | (other, Self::Change(spot, change)) => {
                spot.file != *other.file() || matches!(change, Change::Set(..) | Change::Quote(_))
            }
            (Self::Merge { patch: one, path, .. }, Self::Merge { patch: two, path: other, .. }) if one == two => apart(path, other),
            (Self::NewMerge { object: one, path, .. }, Self::NewMerge { object: two, path: other, .. }) if one == two => apart(path, other),
            (Self::NewJson { object: one, .. }, Self::NewJson { object: two, .. }) => one != two,
            _ => true,
        }
    }

    /// Does it.
    ///
    /// # Errors
    /// It can't be done there.
    pub(crate) fn apply(&self, texts: &mut Texts) -> Result<(), Refusal> {
        match self {
            Self::Change(spot, change) => spot.change(texts, change),
            Self::Changes(spot, changes) => changes.iter().try_for_each(|change| spot.change(texts, change)),
            Self::Merge { patch, path, value } => merge(patch, texts, path, value.as_ref()),
            Self::NewMerge { kustomization, file, object, path, value } => {
                let content = object.with(nested(path, value.as_ref())?);
                let (paths, deprecated, style) = match file {
                    NewPatch::File { paths, deprecated, style } => (paths, *deprecated, *style),
                    NewPatch::Inline { style } => {
                        return list_in(kustomization, texts, "patches", json!({"patch": style.write(&content)}));
                    }
                };
                for file in paths {
                    if texts.get(file)?.is_none() {
                        texts.put(file, style.write(&content));
                        let name = relative(file, kustomization);
                        let (list, entry) =
                            if deprecated { ("patchesStrategicMerge", json!(name)) } else { ("patches", json!({"path": name})) };
                        return list_in(kustomization, texts, list, entry);
                    }
                    // Another fix has made it, for this object or for one that is called the same.
                    let spot = Spot { file: file.clone(), outer: None, is_v2: false, document: 0 };
                    if object.is_named_in(&spot.root(texts)?) {
                        return merge(&spot, texts, path, value.as_ref());
                    }
                }
                Err(Refusal::new("there is no free file name for the new patch"))
            }
            Self::NewJson { kustomization, object, operation } => {
                let (group, version) =
                    object.api_version.split_once('/').map_or((None, &*object.api_version), |(group, version)| (Some(group), version));
                let mut target: Map<String, Json> = [
                    ("version".to_owned(), json!(version)),
                    ("kind".to_owned(), json!(object.kind)),
                    ("name".to_owned(), json!(object.name)),
                ]
                .into_iter()
                .collect();
                group.into_iter().for_each(|group| drop(target.insert("group".to_owned(), json!(group))));
                let text = Habits { step: 2, list: 0 }.write(&json!([operation]));
                list_in(kustomization, texts, "patches", json!({"target": target, "patch": text}))
            }
            Self::NewObject { kustomization, files, object, style } => {
                let text = style.write(object);
                for file in files {
                    match texts.get(file)? {
                        None => {
                            texts.put(file, text);
                            return list_in(kustomization, texts, "resources", json!(relative(file, kustomization)));
                        }
                        // Another fix has made the same.
                        Some(known) if *known == *text => return Ok(()),
                        Some(_) => {}
                    }
                }
                Err(Refusal::new("there is no free file name for the new object"))
            }
        }
    }
}

/// Whether neither of two paths leads to what the other leads through.
fn apart(one: &[Selector], other: &[Selector]) -> bool {
    !one.starts_with(other) && !other.starts_with(one)
}

impl Named {
    /// Whether a patch is for it.
    pub(crate) fn is_named_in(&self, patch: &Node) -> bool {
        patch.str_at(&["kind"]) == Some(&self.kind) && patch.str_at(&["metadata", "name"]) == Some(&self.name)
    }

    /// Its identity with more fields.
    fn with(&self, more: Json) -> Json {
        let mut metadata = Map::new();
        metadata.insert("name".to_owned(), json!(self.name));
        self.namespace.iter().for_each(|namespace| drop(metadata.insert("namespace".to_owned(), json!(namespace))));
        let mut object = json!({"apiVersion": self.api_version, "kind": self.kind, "metadata": metadata});
        join(&mut object, more);
        object
    }
}

/// Puts one more entry into a list of a kustomization: where it belongs if the list is sorted.
fn list_in(kustomization: &Path, texts: &mut Texts, list: &str, entry: Json) -> Result<(), Refusal> {
    let spot = Spot { file: kustomization.to_owned(), outer: None, is_v2: true, document: 0 };
    let root = spot.root(texts)?;
    let path = vec![Step::Key(list.to_owned())];
    let name = |entry: &Node| entry.as_str().or_else(|| entry.str_at(&["path"])).map(str::to_owned);
    let names: Option<Vec<String>> = root.get(list).map(Node::items).unwrap_or_default().iter().map(name).collect();
    let new = entry.as_str().or_else(|| entry["path"].as_str()).unwrap_or_default();
    let sorted = names.filter(|names| names.len() > 1 && names.is_sorted() && !new.is_empty());
    let change = match sorted.map(|names| names.partition_point(|name| name.as_str() < new)) {
        Some(at) => Change::Insert(path, at, entry),
        None => Change::Add(path, entry),
    };
    spot.change(texts, &change)
}

/// The path of a file from the directory of a kustomization.
fn relative(file: &Path, kustomization: &Path) -> String {
    let from = kustomization.parent().unwrap_or(Path::new(""));
    file.strip_prefix(from).unwrap_or(file).display().to_string()
}

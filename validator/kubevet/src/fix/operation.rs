//! What an edit does to files.

use std::path::{Path, PathBuf};

use kustomize::Node;
use kustomize::yaml::Dialect;
use serde_json::{Map, Value as Json, json};

use super::edit::{documents, edit};
use super::embedded::Outer;
use super::refusal::Refusal;
use super::style::Style;
use super::texts::Texts;
use super::tree::Change;
use crate::location::Step;

/// One document: of a file, or of a text that stands in one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Spot {
    pub(crate) file: PathBuf,
    pub(crate) outer: Option<Outer>,
    /// Whether it is read as kustomizations and JSON patches are.
    pub(crate) is_v2: bool,
    pub(crate) document: usize,
}

/// A step in a patch, which has only some elements of the object's lists.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Selector {
    /// A field.
    Key(String),
    /// The element that has these fields.
    Element(Vec<(String, Json)>),
}

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
    /// A field is set in a strategic merge patch that is there; without a value it is taken out of the object.
    Merge { patch: Spot, path: Vec<Selector>, value: Option<Json> },
    /// The same in a patch that is made first, where it is not there yet.
    NewMerge { kustomization: PathBuf, file: NewPatch, object: Named, path: Vec<Selector>, value: Option<Json> },
    /// An operation of a JSON patch, in the kustomization.
    NewJson { kustomization: PathBuf, object: Named, operation: Json },
    /// A file with an object, which a kustomization lists.
    NewObject { kustomization: PathBuf, file: PathBuf, object: Json, style: Habits },
}

/// Where a new patch stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum NewPatch {
    /// In a file, which the kustomization lists under `patches` or `patchesStrategicMerge`.
    File { path: PathBuf, deprecated: bool, style: Habits },
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

impl Spot {
    fn dialect(&self) -> Dialect {
        if self.is_v2 { Dialect::YamlV2 } else { Dialect::YamlV3 }
    }

    /// The document.
    ///
    /// # Errors
    /// It is not there.
    pub(crate) fn root(&self, texts: &Texts) -> Result<Node, Refusal> {
        let file = texts.read(&self.file)?;
        let text = self.outer.as_ref().map_or_else(|| Ok(file.to_string()), |outer| outer.text(&file))?;
        documents(&text, self.dialect())?.into_iter().nth(self.document).ok_or_else(Refusal::not_there)
    }

    fn change(&self, texts: &mut Texts, change: &Change) -> Result<(), Refusal> {
        let file = texts.read(&self.file)?;
        let new = match &self.outer {
            None => edit(&file, self.dialect(), self.document, change)?,
            Some(outer) => outer.edit(&file, self.dialect(), self.document, change)?,
        };
        texts.put(&self.file, new);
        Ok(())
    }
}

impl Operation {
    /// The file that it changes, or that lists what it makes.
    pub(crate) fn file(&self) -> &PathBuf {
        match self {
            Self::Change(spot, _) | Self::Merge { patch: spot, .. } => &spot.file,
            Self::NewMerge { kustomization, .. } | Self::NewJson { kustomization, .. } | Self::NewObject { kustomization, .. } => {
                kustomization
            }
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
            // In a kustomization, one takes an entry out while another adds one.
            (Self::Change(spot, change), other) | (other, Self::Change(spot, change)) => {
                spot.file != *other.file() || matches!(change, Change::Set(..) | Change::Quote(_))
            }
            (Self::Merge { patch: one, path, .. }, Self::Merge { patch: two, path: other, .. }) if one == two => apart(path, other),
            (Self::NewMerge { object: one, path, .. }, Self::NewMerge { object: two, path: other, .. }) if one == two => apart(path, other),
            (Self::NewJson { object: one, .. }, Self::NewJson { object: two, .. }) => one != two,
            (Self::NewObject { file: one, .. }, Self::NewObject { file: two, .. }) => one != two,
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
            Self::Merge { patch, path, value } => merge(patch, texts, path, value.as_ref()),
            Self::NewMerge { kustomization, file, object, path, value } => {
                let content = object.with(nested(path, value.as_ref())?);
                match file {
                    NewPatch::File { path: file, deprecated, style } => match texts.get(file)? {
                        // Another fix has made it.
                        Some(_) => {
                            let spot = Spot { file: file.clone(), outer: None, is_v2: false, document: 0 };
                            if object.is_named_in(&spot.root(texts)?) {
                                merge(&spot, texts, path, value.as_ref())
                            } else {
                                Err(Refusal::new("the file of the new patch is there already"))
                            }
                        }
                        None => {
                            texts.put(file, style.write(&content));
                            let name = relative(file, kustomization);
                            let (list, entry) =
                                if *deprecated { ("patchesStrategicMerge", json!(name)) } else { ("patches", json!({"path": name})) };
                            list_in(kustomization, texts, list, entry)
                        }
                    },
                    NewPatch::Inline { style } => list_in(kustomization, texts, "patches", json!({"patch": style.write(&content)})),
                }
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
            Self::NewObject { kustomization, file, object, style } => {
                if texts.get(file)?.is_some() {
                    return Err(Refusal::new(format!("{} is there already", file.display())));
                }
                texts.put(file, style.write(object));
                list_in(kustomization, texts, "resources", json!(relative(file, kustomization)))
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

fn join(into: &mut Json, more: Json) {
    match (into, more) {
        (Json::Object(into), Json::Object(more)) => {
            for (key, value) in more {
                match into.get_mut(&key) {
                    Some(known) => join(known, value),
                    None => drop(into.insert(key, value)),
                }
            }
        }
        (into, more) => *into = more,
    }
}

/// What a patch says to give a field a value, or to take it out.
fn nested(path: &[Selector], value: Option<&Json>) -> Result<Json, Refusal> {
    let Some((first, rest)) = path.split_first() else { return value.cloned().ok_or_else(|| Refusal::new("a whole object would go")) };
    match first {
        Selector::Key(key) if rest.is_empty() => Ok(json!({key: value.cloned().unwrap_or(Json::Null)})),
        Selector::Key(key) => Ok(json!({key: nested(rest, value)?})),
        Selector::Element(keys) => {
            let mut element: Json = keys.iter().cloned().collect::<Map<_, _>>().into();
            match (rest.is_empty(), value) {
                (true, None) => join(&mut element, json!({"$patch": "delete"})),
                (true, Some(value)) => join(&mut element, value.clone()),
                (false, value) => join(&mut element, nested(rest, value)?),
            }
            Ok(json!([element]))
        }
    }
}

/// Sets a field in a strategic merge patch.
fn merge(patch: &Spot, texts: &mut Texts, path: &[Selector], value: Option<&Json>) -> Result<(), Refusal> {
    let root = patch.root(texts)?;
    let (mut node, mut found) = (&root, Vec::new());
    for (at, selector) in path.iter().enumerate() {
        let next = match selector {
            Selector::Key(key) => node.get(key).map(|next| (next, Step::Key(key.clone()))),
            Selector::Element(keys) => {
                let text = |json: &Json| json.as_str().map_or_else(|| json.to_string(), str::to_owned);
                let is_it = |item: &Node| keys.iter().all(|(key, value)| item.get(key).and_then(Node::text) == Some(&text(value)));
                node.items().iter().enumerate().find(|(_, item)| is_it(item)).map(|(index, next)| (next, Step::Index(index)))
            }
        };
        let Some((next, step)) = next else {
            let rest = nested(path.get(at..).unwrap_or_default(), value)?;
            let change = match (selector, rest) {
                (Selector::Key(key), Json::Object(mut fields)) => {
                    found.push(Step::Key(key.clone()));
                    Change::Set(found, fields.remove(key).unwrap_or_default())
                }
                (Selector::Element(_), Json::Array(mut items)) => Change::Add(found, items.pop().unwrap_or_default()),
                _ => return Err(Refusal::not_there()),
            };
            return patch.change(texts, &change);
        };
        found.push(step);
        node = next;
    }
    let change = match (path.last(), value) {
        (_, Some(value)) => Change::Set(found, value.clone()),
        (Some(Selector::Element(_)), None) => {
            found.push(Step::Key("$patch".to_owned()));
            Change::Set(found, json!("delete"))
        }
        (_, None) => Change::Set(found, Json::Null),
    };
    patch.change(texts, &change)
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

//! Strategic merge, as Kustomize does it (`kyaml/yaml/merge2`, `kyaml/yaml/walk`), which is not how an API server does it.
//!
//! Maps are merged by key. A list that has merge keys ([`merge_keys`](super::merge_keys)) is merged by them, the patch's
//! elements first; any other list is replaced. A null or `$patch: delete` takes a field out. The whole object is walked,
//! also where the patch says nothing: elements with the same merge key become one, and a field without any value goes.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::list_merge;
use super::merge_keys::{self, Definition, Schema};
use super::repeated_keys;
use crate::error::{Error, ErrorKind, Place};
use crate::note::{Note, NoteKind};
use crate::object::annotations::{self, OddList};
use crate::source::{Origin, Sources};
use crate::yaml::node::{Entry, Map, Node, Removal, Scalar, Style, Tag, Value};

/// What a merge did.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// Where the patch deletes the whole object, the line that says so.
    pub deleted: Option<Origin>,
    /// What happened silently.
    pub notes: Vec<Note>,
    /// How many values it looked at, or compared with each other.
    pub steps: usize,
}

/// What a patch may change of the object's identity.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Options {
    /// The patch's `metadata.name` wins.
    pub allow_name_change: bool,
    /// The patch's `kind` wins.
    pub allow_kind_change: bool,
    /// It is applied by target or listed in `patchesStrategicMerge`, and [prepared](prepare) for that.
    pub is_targeted: bool,
    /// It had [keys twice](super::repeated_keys).
    pub is_repetitive: bool,
}

/// Merges `patch` into `target`, then puts back what a patch must not change: kind, name (unless `options` allow) and namespace.
///
/// # Errors
/// A map, list or scalar in the patch where the object has something else; an unknown `$patch` directive.
pub(crate) fn apply(target: &mut Node, patch: &Node, options: Options, sources: &Sources) -> Result<Outcome, Error> {
    let kind = target.get("kind").cloned();
    let metadata = |key: &str| target.at(&["metadata", key]).cloned();
    let (name, namespace) = (metadata("name"), metadata("namespace"));
    let outcome = merge(target, patch, options.is_repetitive, sources)?;
    if outcome.deleted.is_none() {
        if let Some(map) = target.as_map_mut().filter(|_| !options.allow_kind_change) {
            put_back(map, "kind", kind);
        }
        if target.get("metadata").is_none_or(|metadata| metadata.as_map().is_none()) && name.is_some() {
            let origin = patch.get("metadata").map_or(&patch.origin, |metadata| &metadata.origin).clone();
            if let Some(map) = target.as_map_mut() {
                map.set("metadata", Node::map(origin));
            }
        }
        if let Some(map) = target.get_mut("metadata").and_then(Node::as_map_mut) {
            if !options.allow_name_change {
                put_back(map, "name", name);
            }
            put_back(map, "namespace", namespace);
        }
        if let Some(map) = target.as_map_mut().filter(|map| options.is_targeted && map.get("apiVersion").is_none()) {
            // Kustomize gives the patch the target's, which is written as nothing where there is none.
            map.set("apiVersion", Node::scalar(Scalar::implicit(""), patch.origin.clone()));
        }
    }
    Ok(outcome)
}

/// Prepares a patch, once for all its targets.
///
/// Kustomize rewrites the labels and annotations of a patch that is applied by target or listed in `patchesStrategicMerge` as strings, so that a
/// null does not delete a label but sets it to `"null"`, and it ignores the patch's own apiVersion and kind. Whether a patch may change names or
/// kinds it notes in the patch's annotations.
///
/// # Errors
/// Labels or annotations that are a list, as [`annotations::rewrite`] has it.
pub(crate) fn prepare(patch: &mut Node, options: Options, notes: &mut Vec<Note>) -> Result<(), OddList> {
    let rewritten: &[&str] = match options {
        Options { is_targeted: true, .. } => &["labels", "annotations"],
        Options { allow_name_change: true, .. } | Options { allow_kind_change: true, .. } => &["annotations"],
        _ => &[],
    };
    if let Some(map) = patch.as_map_mut().filter(|_| options.is_targeted) {
        map.entries_mut().retain(|entry| &*entry.key.text != "apiVersion");
    }
    if let Some(metadata) = patch.get_mut("metadata").and_then(Node::as_map_mut) {
        for field in rewritten {
            if let Some(map) = metadata.get_mut(field).and_then(Node::as_map_mut).filter(|_| options.is_repetitive) {
                repeated_keys::keep_last(map);
            }
            annotations::rewrite(metadata, field)?;
        }
    }
    if options.is_repetitive {
        repeated_keys::keep_first(patch, notes);
    }
    Ok(())
}

/// Whether a patch removes or replaces the annotations of an object as a whole.
pub(crate) fn drops_annotations(patch: &Node) -> bool {
    let drops = |node: &Node| node.is_null() || matches!(Directive::of(node), Some((Directive::Delete | Directive::Replace, _)));
    let metadata = patch.get("metadata");
    metadata.is_some_and(drops) || metadata.and_then(|metadata| metadata.get("annotations")).is_some_and(drops)
}

fn put_back(map: &mut Map, key: &str, old: Option<Node>) {
    match old {
        Some(mut old) => match map.get_mut(key) {
            Some(value) => {
                // It is written anew, without a tag.
                old.as_scalar_mut().into_iter().for_each(|scalar| scalar.implicit = true);
                *value = old;
            }
            None => map.entries_mut().push(Entry { key: Scalar::string(key), value: old }),
        },
        None => map.entries_mut().retain(|entry| &*entry.key.text != key),
    }
}

/// Merges `patch` into `target` and nothing else.
///
/// # Errors
/// As [`apply`].
pub(crate) fn merge(target: &mut Node, patch: &Node, is_repetitive: bool, sources: &Sources) -> Result<Outcome, Error> {
    let mut merge = Merge { sources, is_repetitive, notes: Vec::new(), steps: 0 };
    let ignored = match Directive::of(patch) {
        // Kustomize merges into a copy that it then forgets.
        Some((Directive::Replace, origin)) => Some(origin),
        _ => None,
    };
    if let Some(origin) = ignored {
        merge.note(NoteKind::DirectiveIgnored, "`$patch: replace` has no effect on a whole object: the patch changes nothing", origin);
        return Ok(Outcome { deleted: None, notes: merge.notes, steps: merge.steps });
    }
    // A patch that is applied by target takes the target's apiVersion and keeps its own kind.
    let text = |node: &Node, key: &str| node.get(key).and_then(Node::text).unwrap_or_default().to_owned();
    let by_kind = || merge_keys::definition(&text(target, "apiVersion"), &text(patch, "kind")).map(Schema::Of);
    let schema = match resolve(Schema::Unknown, target, Some(patch)) {
        Schema::Unknown if patch.get("apiVersion").is_none() => by_kind().unwrap_or(Schema::Unknown),
        schema => schema,
    };
    let fate = merge.node(target, Some(patch), schema, Path::ROOT)?;
    let deleted = match fate {
        Fate::Keep => None,
        Fate::Clear(by) => Some(by.unwrap_or_else(|| patch.origin.clone())),
    };
    Ok(Outcome { deleted, notes: merge.notes, steps: merge.steps })
}

/// Whether a merged field stays, and if not, what took it out (nothing where it was empty from the start).
pub(super) enum Fate {
    Keep,
    Clear(Option<Origin>),
}

/// Where in the object the merge is, for messages.
#[derive(Clone, Copy)]
pub(super) struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    key: &'a str,
}

impl<'a> Path<'a> {
    const ROOT: Self = Self { parent: None, key: "" };

    /// Its last key.
    pub(super) fn last(&self) -> &'a str {
        self.key
    }

    pub(super) fn then(&'a self, key: &'a str) -> Path<'a> {
        Path { parent: Some(self), key }
    }
}

impl std::fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.parent {
            Some(parent) if parent.parent.is_some() => write!(f, "{parent}.{}", self.key),
            _ => f.write_str(self.key),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Directive<'a> {
    Delete,
    Replace,
    Merge,
    Unknown(&'a str),
}

const DIRECTIVE: &str = "$patch";

impl<'a> Directive<'a> {
    /// The `$patch` of a map, and where it is.
    pub(super) fn of(patch: &'a Node) -> Option<(Self, &'a Origin)> {
        let value = patch.get(DIRECTIVE)?;
        Some((Self::named(value), &value.origin))
    }

    /// The `$patch` of a list: the first element that has one, if it has nothing else.
    pub(super) fn of_list(patch: &'a Node) -> Option<(Self, &'a Origin)> {
        let element = patch.items().iter().find(|item| item.get(DIRECTIVE).is_some())?;
        if element.entries().len() > 1 { None } else { Self::of(element) }
    }

    /// The map without its directive, if it has one.
    pub(super) fn stripped(patch: &Node) -> Option<Node> {
        if matches!(Directive::of(patch)?, (Directive::Unknown(_), _)) {
            return None;
        }
        let mut node = patch.clone();
        node.as_map_mut()?.entries_mut().retain(|entry| &*entry.key.text != DIRECTIVE);
        Some(node)
    }

    fn named(value: &'a Node) -> Self {
        match value.text().unwrap_or_default() {
            "delete" => Self::Delete,
            "replace" => Self::Replace,
            "merge" => Self::Merge,
            other => Self::Unknown(other),
        }
    }
}

/// How much an added map's own `$patch` is trusted: Kustomize lets an unknown one through at the top of what is added.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    Top,
    Nested,
}

pub(super) struct Merge<'a> {
    sources: &'a Sources,
    /// Whether the patch had keys twice.
    is_repetitive: bool,
    notes: Vec<Note>,
    /// See [`Outcome`].
    pub(super) steps: usize,
}

impl Merge<'_> {
    pub(super) fn note(&mut self, kind: NoteKind, message: impl Into<String>, origin: &Origin) {
        self.notes.push(Note::new(kind, message, origin.clone()));
    }

    pub(super) fn error(&self, message: String, at: &Origin) -> Error {
        Error::new(ErrorKind::Invalid, message).at(Place::of(self.sources, at))
    }

    /// Merges `patch` (or nothing) into `dest`.
    pub(super) fn node(&mut self, dest: &mut Node, patch: Option<&Node>, schema: Schema, path: Path<'_>) -> Result<Fate, Error> {
        self.steps += 1;
        let schema = resolve(schema, dest, patch);
        let Some(patch) = patch else { return self.keep(dest, schema, path) };
        if patch.is_null() {
            return Ok(Fate::Clear(Some(patch.origin.clone())));
        }
        if dest.is_null() {
            return Ok(match self.adopt(patch, schema, Level::Top, path)? {
                Some(new) => {
                    dest.replace(new);
                    Fate::Keep
                }
                None => Fate::Clear(Directive::of(patch).map(|(_, origin)| origin.clone())),
            });
        }
        match (&mut dest.value, &patch.value) {
            (Value::Scalar(old), Value::Scalar(new)) => {
                if overwrite(old, new) {
                    dest.origin = patch.origin.clone().replacing(&dest.origin);
                }
                Ok(Fate::Keep)
            }
            (Value::Map(map), Value::Map(new)) => match Directive::of(patch) {
                Some((Directive::Delete, by)) => Ok(Fate::Clear(Some(by.clone()))),
                Some((Directive::Unknown(name), by)) => Err(self.unknown_directive(name, by, path)),
                Some((Directive::Replace, by)) => {
                    let by = by.clone();
                    let Some(new) = self.adopt(patch, schema, Level::Top, path)? else { return Ok(Fate::Clear(Some(by))) };
                    replace_map(dest, new, &by);
                    Ok(Fate::Keep)
                }
                Some((Directive::Merge, _)) | None => {
                    self.map(map, Some(new), schema, path)?;
                    Ok(Fate::Keep)
                }
            },
            (Value::Seq(_), Value::Seq(_)) => {
                if let Schema::List { keys, item } = schema {
                    return self.list(dest, patch, keys, item, path);
                }
                self.refuse_repeated(patch)?;
                self.replace_list(dest, patch, schema, path);
                Ok(Fate::Keep)
            }
            _ => {
                let message = format!("the patch has {} at `{path}`, where the object has {}", shape(patch), shape(dest));
                let error = self.error(message, &patch.origin).help("delete the old value first, with `null` in an earlier patch");
                Err(error.related(Place::of(self.sources, &dest.origin), "the object's value"))
            }
        }
    }

    /// Merges a list that has merge keys.
    fn list(
        &mut self,
        dest: &mut Node,
        patch: &Node,
        keys: &'static [&'static str],
        item: &'static Definition,
        path: Path<'_>,
    ) -> Result<Fate, Error> {
        let new = match Directive::of_list(patch) {
            Some((Directive::Delete, by)) => return Ok(Fate::Clear(Some(by.clone()))),
            Some((Directive::Unknown(name), by)) => return Err(self.unknown_directive(name, by, path)),
            Some((Directive::Replace, by)) => {
                let items = list_merge::adopt(self, &without_directive(patch), keys, item, path)?;
                let lost = lost_elements(dest.items(), &items, by);
                let mut new = Node::seq(items, patch.origin.clone());
                if let Some(seq) = new.as_seq_mut() {
                    lost.into_iter().for_each(|removal| seq.note_removal(removal));
                }
                dest.replace(new);
                return Ok(Fate::Keep);
            }
            Some((Directive::Merge, _)) => Cow::Owned(without_directive(patch)),
            None => Cow::Borrowed(patch.items()),
        };
        if let Some(seq) = dest.as_seq_mut() {
            list_merge::merge(self, seq, &new, Some(&patch.origin), keys, item, path)?;
        }
        Ok(Fate::Keep)
    }

    /// Walks what the patch says nothing about.
    fn keep(&mut self, dest: &mut Node, schema: Schema, path: Path<'_>) -> Result<Fate, Error> {
        match (&mut dest.value, schema) {
            (Value::Scalar(scalar), _) if scalar.implicit => scalar.settle(),
            (Value::Scalar(scalar), _) if scalar.tag == Tag::Null && scalar.text.is_empty() => return Ok(Fate::Clear(None)),
            (Value::Map(map), schema) => self.map(map, None, schema, path)?,
            (Value::Seq(seq), Schema::List { keys, item }) => list_merge::merge(self, seq, &[], None, keys, item, path)?,
            _ => {}
        }
        Ok(Fate::Keep)
    }

    fn map(&mut self, dest: &mut Map, patch: Option<&Map>, schema: Schema, path: Path<'_>) -> Result<(), Error> {
        let fields = Fields::new(patch.map_or(&[], Map::entries));
        let mut used = vec![false; fields.entries.len()];
        let mut removed = Vec::new();
        let mut entries = Vec::with_capacity(dest.entries().len());
        for mut entry in std::mem::take(dest.entries_mut()) {
            let key = &entry.key.text;
            let new = fields.find(key).map(|index| {
                used[index] = true;
                &fields.entries[index].value
            });
            match self.node(&mut entry.value, new, schema.field(key), path.then(key))? {
                Fate::Keep => entries.push(entry),
                Fate::Clear(Some(by)) => removed.push(Removal { key: entry.key.text, by, had: entry.value.origin }),
                Fate::Clear(None) => {}
            }
        }
        for (Entry { key, value }, used) in fields.entries.iter().zip(used) {
            if used || &*key.text == DIRECTIVE {
                continue;
            }
            if let Some(value) = self.adopt(value, schema.field(&key.text), Level::Top, path.then(&key.text))? {
                entries.push(Entry { key: key.clone(), value });
            }
        }
        *dest.entries_mut() = entries.into();
        removed.into_iter().for_each(|removal| dest.note_removal(removal));
        Ok(())
    }

    /// What becomes of a part of the patch that the object has nothing to merge with; `None` where nothing does.
    pub(super) fn adopt(&mut self, patch: &Node, schema: Schema, level: Level, path: Path<'_>) -> Result<Option<Node>, Error> {
        let schema = resolve(schema, patch, None);
        self.refuse_repeated(patch)?;
        let value = match &patch.value {
            Value::Scalar(scalar) if scalar.tag == Tag::Null => return Ok(None),
            Value::Scalar(scalar) => Value::Scalar(scalar.clone()),
            Value::Map(map) => {
                let directive = Directive::of(patch);
                let stays = match directive {
                    Some((Directive::Delete, _)) => return Ok(None),
                    Some((Directive::Unknown(name), by)) if level == Level::Nested => return Err(self.unknown_directive(name, by, path)),
                    Some((Directive::Unknown(_), _)) => true,
                    _ => false,
                };
                let mut entries = Vec::with_capacity(map.entries().len());
                for Entry { key, value } in map.entries().iter().filter(|entry| stays || &*entry.key.text != DIRECTIVE) {
                    if let Some(value) = self.adopt(value, schema.field(&key.text), Level::Nested, path.then(&key.text))? {
                        entries.push(Entry { key: key.clone(), value });
                    }
                }
                Value::Map(Map::new(entries))
            }
            Value::Seq(seq) => match schema {
                Schema::List { keys, item } => {
                    // At the top of what is added, Kustomize takes a directive for an element.
                    let items = match Directive::of_list(patch).filter(|_| level == Level::Nested) {
                        Some((Directive::Delete, _)) => return Ok(None),
                        Some((Directive::Unknown(name), by)) => return Err(self.unknown_directive(name, by, path)),
                        Some(_) => Cow::Owned(without_directive(patch)),
                        None => Cow::Borrowed(&*seq.items),
                    };
                    return Ok(Some(Node::seq(list_merge::adopt(self, &items, keys, item, path)?, patch.origin.clone())));
                }
                _ => Value::Seq(seq.clone()),
            },
        };
        Ok(Some(Node { value, origin: patch.origin.clone() }))
    }

    /// An error where a part of the patch that is taken as it is had a key twice.
    fn refuse_repeated(&self, patch: &Node) -> Result<(), Error> {
        match self.is_repetitive.then(|| repeated_keys::find(patch)).flatten() {
            Some((key, at)) => Err(self.error(format!("mapping key \"{key}\" already defined"), at).help("remove one of the two")),
            None => Ok(()),
        }
    }

    /// Replaces a list that has no merge key.
    fn replace_list(&mut self, dest: &mut Node, patch: &Node, schema: Schema, path: Path<'_>) {
        let lost = lost_elements(dest.items(), patch.items(), &patch.origin);
        let looks_mergeable = patch.items().iter().chain(dest.items()).all(|item| item.get("name").is_some());
        if matches!(schema, Schema::Unknown) && looks_mergeable && !lost.is_empty() {
            let names = lost.iter().map(|removal| format!("`{}`", removal.key)).collect::<Vec<_>>().join(", ");
            let message = format!("the list `{path}` is replaced, not merged, because Kustomize knows no merge key for it; lost: {names}");
            self.note(NoteKind::ListReplaced, message, &patch.origin);
        } else if let Some((label, fields)) = lost_fields(dest.items(), patch.items()).filter(|_| matches!(schema, Schema::Unknown)) {
            let message = format!(
                "the list `{path}` is replaced, not merged, because Kustomize knows no merge key for it; `{label}` loses {}",
                fields.join(", ")
            );
            self.note(NoteKind::ListReplaced, message, &patch.origin);
        } else if APPENDED.contains(&&*path.to_string()) && lost_any(dest.items(), patch.items()) {
            let message = format!("the list `{path}` is replaced, not merged, and what it had is gone");
            self.note(NoteKind::ListReplaced, message, &patch.origin);
        }
        if let Some(directive) = patch.items().iter().find_map(|item| item.get(DIRECTIVE)) {
            let message = format!("`$patch` stays in `{path}` as a field: Kustomize knows no merge key for this list, and replaces it");
            self.note(NoteKind::DirectiveIgnored, message, &directive.origin);
        }
        dest.replace(patch.clone());
        if let Some(seq) = dest.as_seq_mut() {
            lost.into_iter().for_each(|removal| seq.note_removal(removal));
        }
    }

    pub(super) fn too_long(&self, path: Path<'_>, at: &Origin) -> Error {
        let message = format!("the list `{path}` is too long to merge, as its elements do not each have a merge key of their own");
        Error::new(ErrorKind::Limit, message).at(Place::of(self.sources, at))
    }

    fn unknown_directive(&self, name: &str, at: &Origin, path: Path<'_>) -> Error {
        self.error(format!("unknown patch strategy `{name}` at `{path}`"), at).help("`$patch` is one of delete, merge, replace")
    }
}

/// The elements of a patch's list without those that have the same directive as the first that has one, and without empty ones.
fn without_directive(patch: &Node) -> Vec<Node> {
    let directive = patch.items().iter().find_map(|item| item.get(DIRECTIVE)).map(Directive::named);
    let stays = |item: &&Node| !list_merge::is_empty(item) && item.get(DIRECTIVE).map(Directive::named) != directive;
    patch.items().iter().filter(stays).cloned().collect()
}

/// Lists that are replaced as a whole although people add to them: rules that allow something, and what a container is told.
const APPENDED: [&str; 6] = [
    "spec.ingress",
    "spec.egress",
    "rules",
    "subjects",
    "spec.template.spec.containers.envFrom",
    "spec.template.spec.initContainers.envFrom",
];

/// The first element of `new` that has the name of one of `old` and not all of its fields, with the fields that it lacks.
fn lost_fields<'n>(old: &'n [Node], new: &[Node]) -> Option<(&'n str, Vec<String>)> {
    old.iter().find_map(|old| {
        let name = old.str_at(&["name"])?;
        let new = new.iter().find(|new| new.str_at(&["name"]) == Some(name))?;
        let fields: Vec<String> =
            old.entries().iter().filter(|entry| new.get(&entry.key.text).is_none()).map(|entry| format!("`{}`", entry.key.text)).collect();
        (!fields.is_empty()).then_some((name, fields))
    })
}

/// Whether an element of `old` is not in `new` as it was.
fn lost_any(old: &[Node], new: &[Node]) -> bool {
    old.iter().any(|old| !new.iter().any(|new| is_same(old, new)))
}

fn is_same(one: &Node, other: &Node) -> bool {
    match (&one.value, &other.value) {
        (Value::Scalar(one), Value::Scalar(other)) => one.text == other.text,
        (Value::Seq(one), Value::Seq(other)) => {
            one.items.len() == other.items.len() && std::iter::zip(&one.items, &other.items).all(|(one, other)| is_same(one, other))
        }
        (Value::Map(one), Value::Map(map)) => {
            let same = |entry: &Entry| other.get(&entry.key.text).is_some_and(|other| is_same(&entry.value, other));
            one.entries().len() == map.entries().len() && one.entries().iter().all(same)
        }
        _ => false,
    }
}

/// The elements of `old`, by name or text, that `new` does not have.
fn lost_elements(old: &[Node], new: &[Node], by: &Origin) -> Vec<Removal> {
    let kept: HashSet<&str> = new.iter().filter_map(label).collect();
    old.iter()
        .filter_map(|item| Some((label(item)?, item)))
        .filter(|(label, _)| !kept.contains(label))
        .map(|(label, item)| Removal { key: label.into(), by: by.clone(), had: item.origin.clone() })
        .collect()
}

/// Puts what `$patch: replace` brings in place of a map, remembering the fields that are lost.
fn replace_map(dest: &mut Node, mut new: Node, by: &Origin) {
    if let (Some(old), Some(map)) = (dest.as_map(), new.as_map_mut()) {
        let lost: Vec<_> = old.entries().iter().filter(|entry| map.index_of(&entry.key.text).is_none()).collect();
        for entry in lost {
            map.note_removal(Removal { key: entry.key.text.clone(), by: by.clone(), had: entry.value.origin.clone() });
        }
    }
    dest.replace(new);
}

/// Sets a scalar's value; whether it changed.
///
/// Kustomize keeps the style of the old scalar, so what replaces a quoted string is written in quotes, and is a string.
fn overwrite(old: &mut Scalar, new: &Scalar) -> bool {
    let tag = if matches!(old.style, Style::Plain | Style::FlowPlain) { new.tag } else { Tag::Str };
    let changed = old.text != new.text || old.tag != tag;
    old.text.clone_from(&new.text);
    old.tag = tag;
    old.implicit = new.implicit;
    old.share = old.share.written();
    changed
}

/// The type of a node: what is known from above, or else what its own apiVersion and kind tell.
fn resolve(schema: Schema, dest: &Node, patch: Option<&Node>) -> Schema {
    let own = |node: &Node| merge_keys::definition(node.get("apiVersion")?.text()?, node.get("kind")?.text()?);
    match schema {
        Schema::Unknown => own(dest).or_else(|| patch.and_then(own)).map_or(Schema::Unknown, Schema::Of),
        known => known,
    }
}

/// What an element of a list goes by in a [`Removal`]: its name, or its own text.
fn label(item: &Node) -> Option<&str> {
    item.text().or_else(|| item.get("name")?.text())
}

fn shape(node: &Node) -> &'static str {
    match node.value {
        Value::Scalar(_) => "a scalar",
        Value::Map(_) => "a map",
        Value::Seq(_) => "a list",
    }
}

/// The fields of a patch, indexed where they are many.
struct Fields<'p> {
    entries: &'p [Entry],
    index: Option<HashMap<&'p str, usize>>,
}

impl<'p> Fields<'p> {
    const FEW: usize = 16;

    fn new(entries: &'p [Entry]) -> Self {
        let index =
            (entries.len() > Self::FEW).then(|| entries.iter().enumerate().map(|(index, entry)| (&*entry.key.text, index)).collect());
        Self { entries, index }
    }

    fn find(&self, key: &str) -> Option<usize> {
        match &self.index {
            Some(index) => index.get(key).copied(),
            None => self.entries.iter().position(|entry| &*entry.key.text == key),
        }
    }
}

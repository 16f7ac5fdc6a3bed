//! The walk through an object and its patch.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::context::openapi::OpenApi;
use crate::error::{Error, ErrorKind, Place};
use crate::note::{Note, NoteKind};
use crate::object::schema::{self, Schema};
use crate::source::{Origin, Sources};
use crate::suggest::is_slip;
use crate::yaml::node::{Entry, Map, Node, Removal, Scalar, Style, Tag, Value};

use super::directive::{DIRECTIVE, Directive};
use super::{element, repeated_keys};

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
    pub(super) const ROOT: Self = Self { parent: None, key: "" };

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

/// How much an added map's own `$patch` is trusted: Kustomize lets an unknown one through at the top of what is added.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    Top,
    Nested,
}

/// A merge on its way; each kind of collection has a file that adds to this.
pub(super) struct Merge<'a> {
    pub(super) sources: &'a Sources,
    openapi: &'a OpenApi,
    /// The whole patch.
    pub(super) patch: &'a Origin,
    /// Whether the patch had keys twice.
    is_repetitive: bool,
    pub(super) notes: Vec<Note>,
    /// See [`Outcome`].
    pub(super) steps: usize,
}

impl<'a> Merge<'a> {
    /// A merge that has done nothing yet.
    pub(super) fn new(sources: &'a Sources, openapi: &'a OpenApi, patch: &'a Origin, is_repetitive: bool) -> Self {
        Self { sources, openapi, patch, is_repetitive, notes: Vec::new(), steps: 0 }
    }

    pub(super) fn note(&mut self, kind: NoteKind, message: impl Into<String>, origin: &Origin) {
        self.notes.push(Note::new(kind, message, origin.clone()));
    }

    pub(super) fn error(&self, message: String, at: &Origin) -> Error {
        Error::new(ErrorKind::Invalid, message).at(Place::of(self.sources, at))
    }

    /// The type of a node: what is known from above, or else what its own apiVersion and kind tell.
    pub(super) fn resolve<'s>(&self, schema: Schema<'s>, dest: &Node, patch: Option<&Node>) -> Schema<'s>
    where
        'a: 's,
    {
        let own = |node: &Node| schema::of_kind(self.openapi, node.get("apiVersion")?.text()?, node.get("kind")?.text()?);
        match schema {
            Schema::Unknown => own(dest).or_else(|| patch.and_then(own)).map_or(Schema::Unknown, Schema::Of),
            known => known,
        }
    }

    /// Merges `patch` (or nothing) into `dest`.
    pub(super) fn node(&mut self, dest: &mut Node, patch: Option<&Node>, schema: Schema<'_>, path: Path<'_>) -> Result<Fate, Error> {
        self.steps += 1;
        let schema = self.resolve(schema, dest, patch);
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
                    return self.list(dest, patch, &keys.names(), item, path);
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

    /// Walks what the patch says nothing about.
    fn keep(&mut self, dest: &mut Node, schema: Schema<'_>, path: Path<'_>) -> Result<Fate, Error> {
        match (&mut dest.value, schema) {
            (Value::Scalar(scalar), _) if scalar.implicit => scalar.settle(),
            (Value::Scalar(scalar), _) if scalar.tag == Tag::Null && scalar.text.is_empty() => return Ok(Fate::Clear(None)),
            (Value::Map(map), schema) => self.map(map, None, schema, path)?,
            (Value::Seq(seq), Schema::List { keys, item }) => self.elements(seq, &[], None, &keys.names(), item, path)?,
            _ => {}
        }
        Ok(Fate::Keep)
    }

    fn map(&mut self, dest: &mut Map, patch: Option<&Map>, schema: Schema<'_>, path: Path<'_>) -> Result<(), Error> {
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
            match self.adopt(value, schema.field(&key.text), Level::Top, path.then(&key.text))? {
                Some(value) => {
                    self.note_foreign_directive(key, &value, path);
                    entries.push(Entry { key: key.clone(), value });
                }
                None => self.note_vain(key, value, &entries, path),
            }
        }
        *dest.entries_mut() = entries.into();
        removed.into_iter().for_each(|removal| dest.note_removal(removal));
        Ok(())
    }

    /// Notes a directive that kubectl has and Kustomize does not, or one that is misspelt.
    fn note_foreign_directive(&mut self, key: &Scalar, value: &Node, path: Path<'_>) {
        if key.text.starts_with('$') {
            let message = format!(
                "`{}` stays in the object, as the field `{}`: Kustomize knows no directive but `$patch`",
                key.text,
                path.then(&key.text)
            );
            self.note(NoteKind::DirectiveIgnored, message, &value.origin);
        }
    }

    /// Notes what a patch deletes and the object does not have: where a directive says so, or the name is nearly that of a field that is there.
    fn note_vain(&mut self, key: &Scalar, value: &Node, there: &[Entry], path: Path<'_>) {
        let field = path.then(&key.text);
        let slip = there.iter().map(|entry| &*entry.key.text).find(|other| is_slip(&key.text, other));
        let message = match (Directive::of(value), slip) {
            (Some((Directive::Delete, _)), None) => format!("there is no `{field}` to delete"),
            (Some((Directive::Delete, _)), Some(meant)) => format!("there is no `{field}` to delete; did you mean `{meant}`?"),
            (None, Some(meant)) if value.is_null() => format!("there is no `{field}` to delete; did you mean `{meant}`?"),
            _ => return,
        };
        self.note(NoteKind::DeletesNothing, message, &value.origin);
    }

    /// What becomes of a part of the patch that the object has nothing to merge with; `None` where nothing does.
    pub(super) fn adopt(&mut self, patch: &Node, schema: Schema<'_>, level: Level, path: Path<'_>) -> Result<Option<Node>, Error> {
        let schema = self.resolve(schema, patch, None);
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
                        self.note_foreign_directive(key, &value, path);
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
                        Some(_) => Cow::Owned(element::without_directive(patch)),
                        None => Cow::Borrowed(&*seq.items),
                    };
                    return Ok(Some(Node::seq(self.adopt_elements(&items, &keys.names(), item, path)?, patch.origin.clone())));
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

    pub(super) fn too_long(&self, path: Path<'_>, at: &Origin) -> Error {
        let message = format!("the list `{path}` is too long to merge, as its elements do not each have a merge key of their own");
        Error::new(ErrorKind::Limit, message).at(Place::of(self.sources, at))
    }

    pub(super) fn unknown_directive(&self, name: &str, at: &Origin, path: Path<'_>) -> Error {
        self.error(format!("unknown patch strategy `{name}` at `{path}`"), at).help("`$patch` is one of delete, merge, replace")
    }
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
    old.quoted_tag = (tag == Tag::Str && new.tag != Tag::Str && !new.implicit).then_some(new.tag);
    old.share = old.share.written();
    changed
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

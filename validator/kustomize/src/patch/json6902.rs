//! JSON patches (RFC 6902) as `evanphx/json-patch` v4 applies them, which is more forgiving than the RFC.
//!
//! `replace` adds a map key that is missing, indices may be negative and count from the end, and `test` of a missing value
//! against null succeeds. Kustomize takes the whole object to JSON and back, so that numbers beyond 2^53 lose digits
//! anywhere in it, whatever the patch is about.

use std::sync::Arc;

use ecow::EcoString;
use serde_json::Value as Json;

use crate::context::Context;
use crate::context::budget::Cost;
use crate::error::{Error, ErrorKind, Place};
use crate::note::{Note, NoteKind};
use crate::object::bookkeeping::is_own;
use crate::source::{Origin, SourceId, Sources};
use crate::yaml::node::{Entry, Map, Node, Removal, Scalar, Style, Tag, Value};
use crate::yaml::{self, Dialect};

use super::lost::{lost_elements, quoted};

/// One operation of a patch, as it is written: what is wrong with it is only an error when it is applied.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    op: Option<EcoString>,
    path: Option<EcoString>,
    from: Option<EcoString>,
    value: Option<Node>,
    /// Whether it was written in JSON, whose text is compared as it is.
    is_json: bool,
    origin: Origin,
}

/// Reads a patch: JSON where its first character is `[`, else YAML 1.1.
///
/// # Errors
/// Text that is neither, and anything but a list of maps.
pub(crate) fn parse(context: &mut Context, id: SourceId) -> Result<Vec<Operation>, Error> {
    let source = Arc::clone(context.sources.get(id));
    let text = source.text();
    let whole = Origin::new(id, 0, u32::try_from(text.len()).unwrap_or(u32::MAX));
    let is_json = text.starts_with('[');
    let document = if is_json {
        let json: Json = serde_json::from_str(text).map_err(|error| {
            let message = format!("a JSON patch that starts with `[` must be JSON: {error}");
            Error::new(ErrorKind::Syntax, message).at(json_place(&context.sources, id, &error))
        })?;
        // Every JSON text but one with the strangest escapes is YAML; that reading has the lines.
        let placed = context.read_first(id).ok().flatten();
        from_json(&json, placed.as_ref(), text, &whole)
    } else {
        let document = context.read_first(id)?;
        let mut document = document.unwrap_or_else(|| Node::scalar(Scalar::null(), whole));
        yaml::to_json(&mut document, &context.sources)?;
        document
    };
    operations(document, is_json, &context.sources)
}

/// Reads the operations of a patch that is part of a document already.
///
/// # Errors
/// Anything but a list of maps.
fn operations(document: Node, is_json: bool, sources: &Sources) -> Result<Vec<Operation>, Error> {
    let invalid = |message: &str, node: &Node| Error::new(ErrorKind::Invalid, message).at(Place::of(sources, &node.origin));
    if document.is_null() {
        return Ok(Vec::new());
    }
    if document.as_seq().is_none() {
        return Err(invalid("a JSON patch must be a list of operations", &document));
    }
    let Value::Seq(seq) = document.value else { return Ok(Vec::new()) };
    seq.items
        .into_iter()
        .map(|mut node| {
            if !node.is_null() && node.as_map().is_none() {
                return Err(invalid("an operation of a JSON patch must be a map", &node));
            }
            let text = |key| node.str_at(&[key]).map(EcoString::from);
            let (op, path, from) = (text("op"), text("path"), text("from"));
            let entries = node.as_map_mut().map(|map| std::mem::take(map.entries_mut())).unwrap_or_default();
            let value = entries.into_iter().find(|entry| &*entry.key.text == "value").map(|entry| entry.value);
            Ok(Operation { op, path, from, value, is_json, origin: node.origin })
        })
        .collect()
}

/// Applies a patch, all of which stands at `origin`, to an object.
///
/// # Errors
/// An operation that is malformed or does not apply; a value that JSON does not have; more than the build may use.
pub(crate) fn apply(context: &Context, target: &mut Node, patch: &[Operation], origin: &Origin) -> Result<Vec<Note>, Error> {
    yaml::to_json(target, &context.sources)?;
    let mut notes = Vec::new();
    for operation in patch {
        context.charge(operation.cost(target), &operation.origin)?;
        operation.apply(target, &mut notes).map_err(|message| context.invalid(&operation.origin, message))?;
    }
    if target.as_map().is_none() {
        return Err(Error::new(ErrorKind::Invalid, "a JSON patch turned the object into something that is none"));
    }
    let walked = leave_json(target);
    context.charge(Cost::steps(walked), origin)?;
    Ok(notes)
}

/// Whether a patch says anything of an object's annotations as a whole, or of those that are Kustomize's own.
pub(crate) fn reaches_bookkeeping(patch: &[Operation]) -> bool {
    let paths = patch.iter().flat_map(|operation| [&operation.path, &operation.from]).flatten();
    paths.into_iter().any(|path| match path.strip_prefix("/metadata") {
        None => path.is_empty(),
        Some("" | "/annotations") => true,
        Some(rest) => rest.starts_with("/annotations/") && rest.contains("config.k"),
    })
}

impl Operation {
    /// Calls `origin` with the operation's origin and `tree` with its value.
    pub(crate) fn each_origin(&mut self, origin: impl Fn(&mut Origin), tree: impl Fn(&mut Node)) {
        origin(&mut self.origin);
        self.value.iter_mut().for_each(tree);
    }

    /// What it takes to apply it: the copy of the value, and the way there.
    fn cost(&self, target: &mut Node) -> Cost {
        let value = match self.op.as_deref() {
            Some("copy") => self.from.as_deref().and_then(|from| get(target, from).ok().flatten()),
            _ => self.value.as_ref(),
        };
        let mut cost = value.map_or(Cost::of(1, 0), Cost::tree);
        let paths = [&self.path, &self.from].into_iter().flatten();
        cost.add(Cost::steps(paths.map(|path| steps_to(target, path)).sum()));
        cost
    }

    fn apply(&self, target: &mut Node, notes: &mut Vec<Note>) -> Result<(), String> {
        let op = self.op.as_deref().unwrap_or("unknown");
        if !matches!(op, "add" | "remove" | "replace" | "move" | "test" | "copy") {
            return Err(format!("`{op}` is not an operation of a JSON patch: use add, remove, replace, move, copy or test"));
        }
        let path = self.path.as_deref().ok_or_else(|| format!("a `{op}` needs a `path`"))?;
        let fail = |why: String| format!("`{op}` does not apply to `{path}`: {why}");
        match op {
            "add" => {
                let replaced = self.replaced(target, path);
                add(target, path, self.value()).map(|()| notes.extend(replaced))
            }
            "remove" => remove(target, path, &self.origin).map(drop),
            "replace" => self.replace(target, path, notes),
            "test" => self.test(target, path),
            _ => {
                let from = self.from.as_deref().ok_or_else(|| format!("a `{op}` needs a `from`"))?;
                let mut value = match op {
                    "move" => {
                        get(target, from)?;
                        remove(target, from, &self.origin)?
                    }
                    _ => get(target, from)?.cloned().unwrap_or_else(|| self.null()),
                };
                value.origin = self.origin.clone().replacing(&value.origin);
                add(target, path, value)
            }
        }
        .map_err(fail)
    }

    /// What to say where the field is there, with a map or list in it that its new value lacks parts of.
    fn replaced(&self, target: &mut Node, path: &str) -> Option<Note> {
        let (container, key) = find(target, path).ok()?;
        let old = container.as_map()?.get(&key)?;
        let new = self.value.as_ref()?;
        let lost: Vec<String> = match (&old.value, &new.value) {
            (Value::Map(old), Value::Map(new)) => old
                .entries()
                .iter()
                .filter(|entry| new.get(&entry.key.text).is_none() && !is_own(&entry.key.text))
                .map(|entry| entry.key.text.to_string())
                .collect(),
            (Value::Seq(_), Value::Seq(_)) => {
                lost_elements(old.items(), new.items(), &self.origin).into_iter().map(|removal| removal.key.to_string()).collect()
            }
            _ => return None,
        };
        let message = format!("`add` of `{path}`, which is there, replaces all of it; lost: {}", quoted(&lost));
        (!lost.is_empty()).then(|| Note::new(NoteKind::ListReplaced, message, self.origin.clone()))
    }

    /// The value to set; a missing one is null.
    fn value(&self) -> Node {
        self.value.clone().unwrap_or_else(|| self.null())
    }

    fn null(&self) -> Node {
        Node::scalar(Scalar::null(), self.origin.clone())
    }

    fn replace(&self, target: &mut Node, path: &str, notes: &mut Vec<Note>) -> Result<(), String> {
        if path.is_empty() {
            // A scalar in place of the whole object is ignored.
            match &self.value {
                Some(value) if value.as_scalar().is_none() => target.replace(value.clone()),
                Some(_) => {}
                None => return Err("there is no `value`".to_owned()),
            }
            return Ok(());
        }
        let (container, key) = find(target, path)?;
        match &mut container.value {
            Value::Map(map) => {
                if map.index_of(&key).is_none() {
                    let message = format!("`replace` of `{path}`, which did not exist, added it");
                    notes.push(Note::new(NoteKind::ReplaceAdded, message, self.origin.clone()));
                }
                map.set(&key, self.value());
            }
            Value::Seq(seq) => {
                let index = index(&key, seq.items.len())?;
                seq.items[index].replace(self.value());
            }
            Value::Scalar(_) => {}
        }
        Ok(())
    }

    fn test(&self, target: &mut Node, path: &str) -> Result<(), String> {
        let wanted = self.value.as_ref().ok_or("there is no `value` to test for")?;
        let value = if path.is_empty() { Some(&*target) } else { get(target, path)? };
        let passed = match value {
            Some(value) if self.is_json => has_text_of(value, wanted),
            Some(value) => value == wanted,
            None => wanted.is_null(),
        };
        if passed { Ok(()) } else { Err("the value there is another".to_owned()) }
    }
}

/// The value at a path; `None` where a map does not have it or it is null.
fn get<'n>(target: &'n mut Node, path: &str) -> Result<Option<&'n Node>, String> {
    let (container, key) = find(target, path)?;
    let value = match &container.value {
        Value::Map(map) => map.get(&key),
        Value::Seq(seq) => seq.items.get(index(&key, seq.items.len())?),
        Value::Scalar(_) => None,
    };
    Ok(value.filter(|value| !value.is_null()))
}

/// Whether `wanted`, as it is written, is the text that `encoding/json` prints for `value`.
fn has_text_of(value: &Node, wanted: &Node) -> bool {
    match (&value.value, &wanted.value) {
        (Value::Map(a), Value::Map(b)) => {
            let same = |entry: &Entry| b.get(&entry.key.text).is_some_and(|other| has_text_of(&entry.value, other));
            a.entries().len() == b.entries().len() && a.entries().iter().all(same)
        }
        (Value::Seq(a), Value::Seq(b)) => a.items.len() == b.items.len() && a.items.iter().zip(&b.items).all(|(a, b)| has_text_of(a, b)),
        (Value::Scalar(a), Value::Scalar(b)) => match (a.tag, b.tag) {
            (Tag::Int | Tag::Float, Tag::Int | Tag::Float) => a.text.parse().is_ok_and(|number| yaml::json_number(number) == *b.text),
            // Go escapes these, and hardly anybody else does.
            (Tag::Str, Tag::Str) => a.text == b.text && !a.text.contains(['<', '>', '&', '\u{2028}', '\u{2029}']),
            _ => a.tag == b.tag && a.text == b.text,
        },
        _ => false,
    }
}

fn add(target: &mut Node, path: &str, value: Node) -> Result<(), String> {
    let (container, key) = find(target, path)?;
    match &mut container.value {
        Value::Map(map) => map.set(&key, value),
        Value::Seq(seq) if key == "-" => seq.items.push(value),
        // A negative index counts from behind the last element.
        Value::Seq(seq) => seq.items.insert(index(&key, seq.items.len() + 1)?, value),
        Value::Scalar(_) => return Err("there is no map or list to add to".to_owned()),
    }
    Ok(())
}

fn remove(target: &mut Node, path: &str, by: &Origin) -> Result<Node, String> {
    let (container, key) = find(target, path)?;
    match &mut container.value {
        Value::Map(map) => map.remove(&key, by).ok_or_else(|| "there is no such key".to_owned()),
        Value::Seq(seq) => {
            let index = index(&key, seq.items.len())?;
            let value = seq.items.remove(index);
            let name = value.text().or_else(|| value.get("name")?.text()).map_or_else(|| index.to_string().into(), EcoString::from);
            seq.note_removal(Removal { key: name, by: by.clone(), had: value.origin.clone() });
            Ok(value)
        }
        Value::Scalar(_) => Err("there is no such key".to_owned()),
    }
}

/// The map or list that a path ends in, and the last part of the path.
fn find<'n>(target: &'n mut Node, path: &str) -> Result<(&'n mut Node, String), String> {
    let Some((_, path)) = path.split_once('/') else { return Err("a path starts with `/`".to_owned()) };
    let (way, last) = path.rsplit_once('/').map_or((None, path), |(way, last)| (Some(way), last));
    let mut node = target;
    let mut walked = String::new();
    for part in way.into_iter().flat_map(|way| way.split('/')) {
        walked.push('/');
        walked.push_str(part);
        let part = unescape(part);
        let next = match &mut node.value {
            Value::Map(map) => map.get_mut(&part),
            Value::Seq(seq) => index(&part, seq.items.len()).ok().and_then(|index| seq.items.get_mut(index)),
            Value::Scalar(_) => None,
        };
        node = next.filter(|node| node.as_scalar().is_none()).ok_or_else(|| format!("there is no map or list at `{walked}`"))?;
    }
    Ok((node, unescape(last)))
}

/// How many entries and elements stand on the way to a path, as far as it goes.
fn steps_to(target: &Node, path: &str) -> usize {
    let mut steps = 0;
    let mut node = Some(target);
    for part in path.split('/').skip(1) {
        let Some(here) = node else { break };
        steps += 1 + here.entries().len() + here.items().len();
        node = here.get(part).or_else(|| here.items().get(part.parse::<usize>().ok()?));
    }
    steps
}

fn unescape(part: &str) -> String {
    // In one pass, as RFC 6901 demands: `~01` is `~1`.
    part.split("~0").map(|piece| piece.replace("~1", "/")).collect::<Vec<_>>().join("~")
}

/// The place that an index of a list means; negative ones count from the end.
fn index(key: &str, length: usize) -> Result<usize, String> {
    let number: i64 = key.parse().map_err(|_| format!("`{key}` is not an index of a list"))?;
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    let place = if number < 0 { number + length } else { number };
    match usize::try_from(place) {
        Ok(place) if number < length => Ok(place),
        _ => Err(format!("the index {number} is outside of the list")),
    }
}

/// Makes of an object's canonical scalars what `RNode.UnmarshalJSON` makes of them: all numbers are float64, and all texts are
/// printed by go-yaml v3 anew. How many values that are.
fn leave_json(node: &mut Node) -> usize {
    match &mut node.value {
        Value::Map(map) => return 1 + map.entries_mut().iter_mut().map(|entry| leave_json(&mut entry.value)).sum::<usize>(),
        Value::Seq(seq) => return 1 + seq.items.iter_mut().map(leave_json).sum::<usize>(),
        Value::Scalar(scalar) => match scalar.tag {
            Tag::Int | Tag::Float => {
                if let Ok(number) = scalar.text.parse::<f64>() {
                    let text = yaml::go_float(number);
                    let tag = yaml::resolve(&text, Dialect::YamlV3);
                    *scalar = Scalar::plain(text, tag);
                }
            }
            Tag::Str => {
                scalar.quoted_tag = None;
                let ambiguous = |dialect| yaml::resolve(&scalar.text, dialect) != Tag::Str;
                scalar.style = if scalar.text.contains('\n') {
                    Style::Literal
                } else if ambiguous(Dialect::YamlV3) || ambiguous(Dialect::YamlV2) {
                    Style::DoubleQuoted
                } else {
                    Style::Plain
                };
            }
            _ => {}
        },
    }
    1
}

/// A JSON value as a node, with the places of the same text read as YAML.
///
/// A number keeps the text that it was written with, because `test` compares texts: `1.0` is not `1`.
fn from_json(json: &Json, placed: Option<&Node>, text: &str, outer: &Origin) -> Node {
    let origin = placed.map_or(outer, |node| &node.origin);
    let value = match json {
        Json::Null => Value::Scalar(Scalar::null()),
        Json::Bool(value) => Value::Scalar(Scalar::plain(value.to_string(), Tag::Bool)),
        Json::Number(number) => {
            let written = placed.and_then(|_| text.get(origin.start as usize..origin.end as usize));
            let written = written.filter(|text| serde_json::from_str::<serde_json::Number>(text).is_ok());
            let text = written.map_or_else(|| number.to_string(), str::to_owned);
            let tag = if text.contains(['.', 'e', 'E']) { Tag::Float } else { Tag::Int };
            Value::Scalar(Scalar::plain(text, tag))
        }
        Json::String(text) => Value::Scalar(Scalar::string(text.as_str())),
        Json::Array(items) => {
            let places = placed.map_or(&[][..], Node::items);
            let items = items.iter().enumerate().map(|(at, item)| from_json(item, places.get(at), text, origin));
            return Node::seq(items.collect::<Vec<_>>(), origin.clone());
        }
        Json::Object(fields) => {
            let entry = |(key, value): (&String, &Json)| {
                let placed = placed.and_then(|node| node.get(key));
                Entry { key: Scalar::string(key.as_str()), value: from_json(value, placed, text, origin) }
            };
            Value::Map(Map::new(fields.iter().map(entry).collect::<Vec<_>>()))
        }
    };
    Node { value, origin: origin.clone() }
}

/// Where in a source a JSON error is.
fn json_place(sources: &Sources, id: SourceId, error: &serde_json::Error) -> Place {
    let source = sources.get(id);
    let line = source.line_starts().get(error.line().saturating_sub(1)).copied().unwrap_or(0);
    let at = line + u32::try_from(error.column().saturating_sub(1)).unwrap_or(0);
    let end = u32::try_from(source.text().len()).unwrap_or(u32::MAX);
    Place { source: std::sync::Arc::clone(source), start: at.min(end), end: (at + 1).min(end) }
}

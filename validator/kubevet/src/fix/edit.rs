//! Edits of YAML texts in place: comments, order, quotes, indentation and line ends stay as they are.
//!
//! An edit is tried in the ways that a person would write it. The first counts after which the text says exactly what it should, as the reader that
//! Kustomize uses reads it; where none does, the edit is refused. So nothing here needs to know all of YAML.

use kustomize::yaml::{self, Dialect};
use kustomize::{Node, Source, Sources, Value};
use serde_json::Value as Json;

use super::place_in_text::{Around, children_are_own, key_end};
use super::refusal::Refusal;
use super::style::{Style, quoted};
use super::tree::{self, Change, ordered};
use super::writer::{Splice, Writer};
use crate::locate;
use crate::location::Step;

/// The documents of a text.
///
/// # Errors
/// It can't be read.
pub(crate) fn documents(text: &str, dialect: Dialect) -> Result<Vec<Node>, Refusal> {
    let mut sources = Sources::default();
    let id = sources.add(Source::new("", text));
    yaml::read(&sources, id, dialect).map_err(|error| Refusal::new(format!("the file can't be read: {}", error.message)))
}

/// Changes one document of a text.
///
/// # Errors
/// The place is not there, or no way to write the change leaves everything else as it is.
pub fn edit(text: &str, dialect: Dialect, document: usize, change: &Change) -> Result<String, Refusal> {
    let nodes = documents(text, dialect)?;
    let root = nodes.get(document).ok_or_else(Refusal::not_there)?;
    let mut text = text.to_owned();
    for change in steps(root, change)? {
        text = step(&text, dialect, document, &change)?;
    }
    Ok(text)
}

/// A change as small ones: a map or list that is there is not written anew where a part of it can be.
fn steps(root: &Node, change: &Change) -> Result<Vec<Change>, Refusal> {
    Ok(match change {
        Change::Set(path, value) => match locate::resolve(root, path) {
            Some(old) => {
                let mut steps = Vec::new();
                differences(old, value, path, &mut steps);
                steps
            }
            None => vec![change.clone()],
        },
        Change::Add(path, value) => match locate::resolve(root, path) {
            Some(list) if list.as_seq().is_some_and(|list| !list.items.is_empty()) => vec![change.clone()],
            Some(list) if !list.is_null() && list.as_seq().is_none() => {
                return Err(Refusal::new("what should get one more element is no list"));
            }
            _ => vec![Change::Set(path.clone(), Json::Array(vec![value.clone()]))],
        },
        Change::Remove(path) => {
            // The last entry of a map leaves an empty one.
            let above = path.split_last().and_then(|(_, above)| Some((above, locate::resolve(root, above)?)));
            match above {
                Some((above, node)) if !above.is_empty() && node.entries().len() == 1 => {
                    locate::resolve(root, path).ok_or_else(Refusal::not_there)?;
                    vec![Change::Set(above.to_vec(), Json::Object(serde_json::Map::new()))]
                }
                Some((above, node)) if !above.is_empty() && node.items().len() == 1 => {
                    locate::resolve(root, path).ok_or_else(Refusal::not_there)?;
                    vec![Change::Set(above.to_vec(), Json::Array(Vec::new()))]
                }
                _ => vec![change.clone()],
            }
        }
        Change::Insert(..) | Change::Rename(..) | Change::Quote(_) => vec![change.clone()],
    })
}

/// What makes an old value a new one.
fn differences(old: &Node, new: &Json, path: &[Step], steps: &mut Vec<Change>) {
    if *old == tree::node(new, &old.origin) {
        return;
    }
    let at = |step: Step| [path, &[step]].concat();
    match (&old.value, new) {
        (Value::Map(map), Json::Object(fields)) if !map.entries().is_empty() && !fields.is_empty() => {
            for (key, value) in ordered(fields) {
                match map.get(key) {
                    Some(old) => differences(old, value, &at(Step::Key(key.clone())), steps),
                    None => steps.push(Change::Set(at(Step::Key(key.clone())), value.clone())),
                }
            }
            let gone = map.entries().iter().filter(|entry| !fields.contains_key(&*entry.key.text));
            steps.extend(gone.map(|entry| Change::Remove(at(Step::Key(entry.key.text.to_string())))));
        }
        (Value::Seq(list), Json::Array(items)) if !list.items.is_empty() && items.len() >= list.items.len() => {
            let (same, more) = items.split_at(list.items.len());
            for (index, (old, new)) in std::iter::zip(&list.items, same).enumerate() {
                differences(old, new, &at(Step::Index(index)), steps);
            }
            steps.extend(more.iter().map(|item| Change::Add(path.to_vec(), item.clone())));
        }
        _ => steps.push(Change::Set(path.to_vec(), new.clone())),
    }
}

/// Makes a small change, in the first way that leaves all else as it is.
fn step(text: &str, dialect: Dialect, document: usize, change: &Change) -> Result<String, Refusal> {
    let nodes = documents(text, dialect)?;
    let mut intended = nodes.clone();
    tree::apply(intended.get_mut(document).ok_or_else(Refusal::not_there)?, change)?;
    if intended == nodes && !matches!(change, Change::Quote(_)) {
        return Ok(text.to_owned());
    }
    let root = nodes.get(document).ok_or_else(Refusal::not_there)?;
    let ways = ways(text, &nodes, root, change)?;
    let good = |splice: &Splice| {
        let new = splice.apply(text)?;
        documents(&new, dialect).is_ok_and(|read| read == intended).then_some(new)
    };
    ways.iter().find_map(good).ok_or_else(|| {
        let shared = text.contains('*') || text.contains("<<");
        Refusal::new(if shared {
            "the place is one with others by an anchor, an alias or a merge key"
        } else {
            "there is no way to write the edit there that leaves all else as it is"
        })
    })
}

/// The ways to write a small change, the best first.
fn ways(text: &str, all: &[Node], root: &Node, change: &Change) -> Result<Vec<Splice>, Refusal> {
    let style = Style::of(text, all);
    let path = change.path();
    let there = tree::depth(root, path);
    let at = |depth: usize| path.get(..depth).and_then(|path| locate::resolve(root, path)).ok_or_else(Refusal::not_there);
    let writer = Writer { text, style, json: text.trim_start_matches('\u{feff}').trim_start().starts_with(['{', '[']) };
    match change {
        Change::Set(_, value) if there < path.len() => {
            let Some((Step::Key(key), rest)) = path.get(there..).and_then(|rest| rest.split_first()) else {
                return Err(Refusal::not_there());
            };
            let mut value = value.clone();
            for step in rest.iter().rev() {
                let Step::Key(key) = step else { return Err(Refusal::not_there()) };
                value = Json::Object([(key.clone(), value)].into_iter().collect());
            }
            children_are_own(root, path.get(..there).unwrap_or_default())?;
            let map = at(there)?;
            if map.entries().is_empty() {
                let value = Json::Object([(key.clone(), value)].into_iter().collect());
                let around = Around::of(text, root, path.get(..there).unwrap_or_default()).ok_or_else(Refusal::not_there)?;
                return Ok(writer.replace(map, &around, &value));
            }
            Ok(writer.insert(map, key, &value))
        }
        Change::Set(_, value) => {
            let Some((last, above)) = path.split_last() else { return Err(Refusal::new("a whole document would be replaced")) };
            children_are_own(root, above)?;
            let (parent, node) = (at(above.len())?, at(path.len())?);
            if let (Step::Key(key), false) = (last, Around::is_own(parent, node)) {
                // What is merged into the map is overridden there.
                return Ok(writer.insert(parent, key, value));
            }
            let around = Around::of(text, root, path).ok_or_else(Refusal::not_there)?;
            Ok(writer.replace(node, &around, value))
        }
        Change::Add(_, value) => {
            children_are_own(root, path)?;
            Ok(writer.append(at(path.len())?, value))
        }
        Change::Insert(_, index, value) => {
            children_are_own(root, path)?;
            let list = at(path.len())?;
            Ok(list.items().get(*index).map_or_else(|| writer.append(list, value), |next| writer.put_before(list, next, value)))
        }
        Change::Remove(_) => {
            children_are_own(root, path)?;
            let Some((last, above)) = path.split_last() else { return Err(Refusal::new("a whole document would go")) };
            Ok(writer.remove(at(above.len())?, last))
        }
        Change::Rename(_, to) => {
            children_are_own(root, path)?;
            let node = at(path.len())?;
            let key = node.origin.key as usize;
            let end = key_end(text, key).ok_or_else(Refusal::not_there)?;
            let is_quoted = text.get(key..).is_some_and(|key| key.starts_with('"'));
            let to = if is_quoted { quoted(to, '"') } else { style.scalar(to) };
            Ok(vec![Splice { range: key..end, text: to }])
        }
        Change::Quote(_) => {
            children_are_own(root, path)?;
            let node = at(path.len())?;
            let range = node.origin.start as usize..node.origin.end as usize;
            let written = text.get(range.clone()).ok_or_else(Refusal::not_there)?;
            let is_bare = node.as_scalar().is_some() && !written.starts_with(['"', '\'', '|', '>']);
            if !is_bare || written.contains('\n') || written.is_empty() {
                return Err(Refusal::new("what should get quotes is no plain value of one line"));
            }
            let quote = if writer.json { '"' } else { style.quote };
            Ok(vec![Splice { range, text: quoted(written, quote) }])
        }
    }
}

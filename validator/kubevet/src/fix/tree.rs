//! Edits of trees: what a text should say after an edit, and what a render should.

use kustomize::{Entry, Map, Node, Origin, Scalar, Seq, Tag, Value};
use serde_json::Value as Json;

use super::refusal::Refusal;
use crate::locate;
use crate::location::Step;

/// Fields that stand first in a map that is written anew, in this order; the others follow as they are sorted.
const FIRST: [&str; 5] = ["apiVersion", "kind", "metadata", "name", "namespace"];

/// A change of one place in a tree.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A field gets a value, and the maps on the way to it are made.
    Set(Vec<Step>, Json),
    /// A field or an element goes.
    Remove(Vec<Step>),
    /// A list gets one more element at its end, and is made where it is missing.
    Add(Vec<Step>, Json),
    /// A list that is there gets one more element before that of an index.
    Insert(Vec<Step>, usize, Json),
    /// The key of a field gets another name.
    Rename(Vec<Step>, String),
    /// What was written without quotes gets them, and so is a text.
    Quote(Vec<Step>),
}

impl Change {
    /// Where it is.
    pub(crate) fn path(&self) -> &[Step] {
        match self {
            Self::Set(path, _)
            | Self::Remove(path)
            | Self::Add(path, _)
            | Self::Insert(path, ..)
            | Self::Rename(path, _)
            | Self::Quote(path) => path,
        }
    }

    /// The value that it writes, if it writes one.
    pub(super) fn value_mut(&mut self) -> Option<&mut Json> {
        match self {
            Self::Set(_, value) | Self::Add(_, value) | Self::Insert(_, _, value) => Some(value),
            Self::Remove(_) | Self::Rename(..) | Self::Quote(_) => None,
        }
    }
}

/// The fields of a new map in the order in which they are written.
pub(super) fn ordered(fields: &serde_json::Map<String, Json>) -> Vec<(&String, &Json)> {
    let rank = |key: &str| FIRST.iter().position(|first| *first == key).unwrap_or(FIRST.len());
    let mut fields: Vec<_> = fields.iter().collect();
    fields.sort_by(|(one, _), (two, _)| (rank(one), *one).cmp(&(rank(two), *two)));
    fields
}

/// A value as a tree.
pub(crate) fn node(value: &Json, origin: &Origin) -> Node {
    let scalar = |text: String, tag| Node::scalar(Scalar::plain(text, tag), origin.clone());
    match value {
        Json::Null => scalar("null".to_owned(), Tag::Null),
        Json::Bool(value) => scalar(value.to_string(), Tag::Bool),
        Json::Number(number) => scalar(number.to_string(), if number.is_f64() { Tag::Float } else { Tag::Int }),
        Json::String(text) => scalar(text.clone(), Tag::Str),
        Json::Array(items) => Node::seq(items.iter().map(|item| node(item, origin)).collect::<Vec<_>>(), origin.clone()),
        Json::Object(fields) => {
            let entry = |(key, value): (&String, &Json)| Entry { key: Scalar::string(key.as_str()), value: node(value, origin) };
            let entries: Vec<Entry> = ordered(fields).into_iter().map(entry).collect();
            Node { value: Value::Map(Map::new(entries)), origin: origin.clone() }
        }
    }
}

/// Changes a tree.
///
/// # Errors
/// The place is not there, or is of another kind.
pub(crate) fn apply(root: &mut Node, change: &Change) -> Result<(), Refusal> {
    let origin = root.origin.clone();
    match change {
        Change::Set(path, value) => {
            let value = node(value, &origin);
            *made(root, path)? = value;
        }
        Change::Add(path, value) => {
            let value = node(value, &origin);
            let list = made(root, path)?;
            if list.is_null() {
                *list = Node::seq(Vec::new(), origin);
            }
            list.as_seq_mut().ok_or_else(|| Refusal::new("what should get one more element is no list"))?.items.push(value);
        }
        Change::Insert(path, index, value) => {
            let value = node(value, &origin);
            let list =
                found(root, path).and_then(Node::as_seq_mut).filter(|list| *index <= list.items.len()).ok_or_else(Refusal::not_there)?;
            list.items.insert(*index, value);
        }
        Change::Remove(path) => match path.split_last() {
            Some((Step::Key(key), above)) => {
                let map = found(root, above).and_then(Node::as_map_mut).ok_or_else(Refusal::not_there)?;
                let at = map.index_of(key).ok_or_else(Refusal::not_there)?;
                map.entries_mut().remove(at);
            }
            Some((Step::Index(index), above)) => {
                let list = found(root, above).and_then(Node::as_seq_mut).ok_or_else(Refusal::not_there)?;
                remove(list, *index)?;
            }
            None => return Err(Refusal::new("a whole document would go")),
        },
        Change::Rename(path, to) => {
            let Some((Step::Key(key), above)) = path.split_last() else { return Err(Refusal::not_there()) };
            let map = found(root, above).and_then(Node::as_map_mut).ok_or_else(Refusal::not_there)?;
            if map.get(to).is_some() {
                return Err(Refusal::new("there is a field of the new name already"));
            }
            let at = map.index_of(key).ok_or_else(Refusal::not_there)?;
            if let Some(entry) = map.entries_mut().get_mut(at) {
                entry.key = Scalar::string(to.as_str());
            }
        }
        Change::Quote(path) => {
            let scalar = found(root, path).and_then(Node::as_scalar_mut).ok_or_else(Refusal::not_there)?;
            scalar.tag = Tag::Str;
        }
    }
    Ok(())
}

fn remove(list: &mut Seq, index: usize) -> Result<(), Refusal> {
    if index >= list.items.len() {
        return Err(Refusal::not_there());
    }
    list.items.remove(index);
    Ok(())
}

pub(super) fn found<'n>(root: &'n mut Node, path: &[Step]) -> Option<&'n mut Node> {
    path.iter().try_fold(root, |node, step| match step {
        Step::Key(key) => node.get_mut(key),
        Step::Index(index) => node.as_seq_mut()?.items.get_mut(*index),
    })
}

/// The node at a path; maps on the way that are missing, or null, are made.
fn made<'n>(root: &'n mut Node, path: &[Step]) -> Result<&'n mut Node, Refusal> {
    let mut node = root;
    for step in path {
        node = match step {
            Step::Key(key) => {
                if node.is_null() {
                    *node = Node::map(node.origin.clone());
                }
                let origin = node.origin.clone();
                let map = node.as_map_mut().ok_or_else(|| Refusal::new(format!("`{key}` would be a field of what is no map")))?;
                if map.get(key).is_none() {
                    map.set(key, Node::scalar(Scalar::null(), origin));
                }
                map.get_mut(key).ok_or_else(Refusal::not_there)?
            }
            Step::Index(index) => node.as_seq_mut().and_then(|list| list.items.get_mut(*index)).ok_or_else(Refusal::not_there)?,
        };
    }
    Ok(node)
}

/// How much of a path is there.
pub(crate) fn depth(root: &Node, path: &[Step]) -> usize {
    let mut node = root;
    let is_there = |step: &&Step| {
        let next = locate::child(node, step);
        next.is_some_and(|next| {
            node = next;
            true
        })
    };
    path.iter().take_while(is_there).count()
}

//! What an object loses where a patch puts something in the place of a list.

use std::collections::HashSet;

use crate::source::Origin;
use crate::yaml::node::{Entry, Node, Removal, Value};

/// Fields by which people tell the elements of a list apart where no schema does: those that are identities, then those that are values as well.
const IDENTITIES: [&str; 5] = ["name", "key", "secretKey", "id", "alert"];
const VALUES: [&str; 6] = ["match", "host", "path", "port", "topologyKey", "ip"];

/// How a patch's list leaves that of the object incomplete.
pub(super) enum Loss<'n> {
    /// Elements that the new list does not have, by their labels.
    Elements(Vec<String>),
    /// An element that is there still, and fields that it has no more.
    Fields(&'n str, Vec<String>),
    /// Elements that nothing tells apart, as many as are gone.
    Count(usize),
}

/// What `new` lacks of `old` that somebody who wrote `new` may have meant to keep.
pub(super) fn loss<'n>(old: &'n [Node], new: &'n [Node]) -> Option<Loss<'n>> {
    let is_of_maps = old.iter().chain(new).all(|item| item.as_map().is_some());
    if !is_of_maps || old.is_empty() {
        return None;
    }
    let Some((key, is_identity)) = key_of(old, new) else {
        let gone = old.iter().filter(|old| !new.iter().any(|new| is_same(old, new))).count();
        return (gone > 0 && !new.is_empty() && new.len() < old.len()).then_some(Loss::Count(gone));
    };
    let of = |item: &'n Node| item.get(key).and_then(Node::text);
    let kept: HashSet<&str> = new.iter().filter_map(of).collect();
    let lost: Vec<String> = old.iter().filter_map(of).filter(|label| !kept.contains(label)).map(str::to_owned).collect();
    // Where none of the values is in both, one list was meant for the other.
    if !lost.is_empty() && (is_identity || lost.len() < old.len() || new.len() < old.len()) {
        return Some(Loss::Elements(lost));
    }
    old.iter().find_map(|old| {
        let label = of(old)?;
        let new = new.iter().find(|new| of(new) == Some(label))?;
        let is_lost = |entry: &&Entry| new.get(&entry.key.text).is_none();
        let fields: Vec<String> = old.entries().iter().filter(is_lost).map(|entry| entry.key.text.to_string()).collect();
        (!fields.is_empty()).then_some(Loss::Fields(label, fields))
    })
}

/// The field that tells the elements of two lists apart, and whether it is nothing but that.
fn key_of(old: &[Node], new: &[Node]) -> Option<(&'static str, bool)> {
    let is_in_all = |key: &str| old.iter().chain(new).all(|item| item.get(key).and_then(Node::text).is_some());
    let is_unique = |key: &str, list: &[Node]| {
        let mut seen = HashSet::new();
        list.iter().filter_map(|item| item.get(key)?.text()).all(|text| seen.insert(text))
    };
    let all = IDENTITIES.map(|key| (key, true)).into_iter().chain(VALUES.map(|key| (key, false)));
    all.into_iter().find(|(key, _)| is_in_all(key) && (*key == "name" || (is_unique(key, old) && is_unique(key, new))))
}

/// Whether an element of `old` is not in `new` as it was.
pub(super) fn lost_any(old: &[Node], new: &[Node]) -> bool {
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
pub(super) fn lost_elements(old: &[Node], new: &[Node], by: &Origin) -> Vec<Removal> {
    let kept: HashSet<&str> = new.iter().filter_map(label).collect();
    old.iter()
        .filter_map(|item| Some((label(item)?, item)))
        .filter(|(label, _)| !kept.contains(label))
        .map(|(label, item)| Removal { key: label.into(), by: by.clone(), had: item.origin.clone() })
        .collect()
}

/// What an element of a list goes by in a [`Removal`]: its name, or its own text.
fn label(item: &Node) -> Option<&str> {
    item.text().or_else(|| item.get("name")?.text())
}

/// The first few of some names, for a message.
pub(super) fn listed<T: AsRef<str>>(names: &[T]) -> String {
    const LISTED: usize = 4;
    let more = names.len().saturating_sub(LISTED);
    let list = names.iter().take(LISTED).map(AsRef::as_ref).collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{list} and {more} more") } else { list }
}

/// The same, each in backquotes.
pub(super) fn quoted(names: &[String]) -> String {
    listed(&names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>())
}

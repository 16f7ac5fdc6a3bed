//! Keys that a patch has twice. Kustomize looks for the first of them wherever it merges; what it adds as it is has both, and cannot be printed then.
//! Annotations, and the labels of a patch by target, it writes anew, and the last one is left.

use std::collections::HashMap;

use ecow::EcoString;

use crate::note::{Note, NoteKind};
use crate::object::annotations;
use crate::object::set::unquoted_key;
use crate::source::Origin;
use crate::yaml;
use crate::yaml::node::{Entry, Map, Node, Removal, Value};

/// Which of the entries with one key counts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    First,
    Last,
}

/// Takes out all but the first entry of each key, remembers that in the maps, and notes it.
pub(super) fn keep_first(patch: &mut Node, notes: &mut Vec<Note>) {
    match &mut patch.value {
        Value::Scalar(_) => {}
        Value::Seq(seq) => seq.items.iter_mut().for_each(|item| keep_first(item, notes)),
        Value::Map(map) => {
            keep(map, Which::First, notes);
            map.entries_mut().iter_mut().for_each(|entry| keep_first(&mut entry.value, notes));
        }
    }
}

/// The same of all but the annotations, of which [`with_annotations`] takes care.
pub(super) fn keep_first_but_annotations(patch: &mut Node, notes: &mut Vec<Note>) {
    let annotations = |patch: &mut Node| std::mem::take(patch.get_mut("metadata")?.get_mut("annotations")?.as_map_mut()?).into();
    let kept: Option<Map> = annotations(patch);
    keep_first(patch, notes);
    if let (Some(kept), Some(metadata)) = (kept, patch.get_mut("metadata"))
        && let Some(map) = metadata.get_mut("annotations").and_then(Node::as_map_mut)
    {
        *map = kept;
    }
}

/// The patch for an object that has annotations, or has none, where the patch has one of them twice.
pub(super) fn with_annotations(patch: &Node, has_annotations: bool, notes: &mut Vec<Note>) -> Option<Node> {
    yaml::repeated(patch.at(&["metadata", "annotations"])?.entries())?;
    let mut patch = patch.clone();
    let map = patch.get_mut("metadata")?.get_mut("annotations")?.as_map_mut()?;
    if has_annotations {
        keep(map, Which::First, notes);
        return Some(patch);
    }
    // A null that is the first deletes itself and no other.
    let mut counts: HashMap<EcoString, usize> = HashMap::new();
    map.entries().iter().for_each(|entry| *counts.entry(entry.key.text.clone()).or_default() += 1);
    let is_repeated = |key: &str| counts.get(key).is_some_and(|count| *count > 1);
    let mut seen = std::collections::HashSet::new();
    map.entries_mut().retain(|entry| {
        let is_first = seen.insert(entry.key.text.clone());
        !(is_first && entry.value.is_null() && is_repeated(&entry.key.text))
    });
    for entry in map.entries_mut().iter_mut().filter(|entry| is_repeated(&entry.key.text)) {
        annotations::rewrite_value(&mut entry.value);
    }
    keep(map, Which::Last, notes);
    Some(patch)
}

/// Takes out all but one entry of each key and notes it. Where the first one counts, the map remembers it, as it has both where it is added as it is.
fn keep(map: &mut Map, which: Which, notes: &mut Vec<Note>) {
    if yaml::repeated(map.entries()).is_none() {
        return;
    }
    let mut places: HashMap<EcoString, usize> = HashMap::new();
    for entry in std::mem::take(map.entries_mut()) {
        let Some(kept) = places.get(&entry.key.text).and_then(|at| map.entries_mut().get_mut(*at)) else {
            places.insert(entry.key.text.clone(), map.entries().len());
            map.entries_mut().push(entry);
            continue;
        };
        let (first, second) = (kept.value.origin.clone(), entry.value.origin.clone());
        let word = if which == Which::First { "first" } else { "last" };
        let message = format!("the patch has the key `{}` twice: Kustomize takes the {word} and ignores the other", entry.key.text);
        let both = Origin::new(first.source, first.start, second.end).with_key(first.key);
        notes.push(Note::new(NoteKind::KeyRepeated, message, both));
        match which {
            Which::First => map.note_removal(Removal { key: entry.key.text, by: first, had: second }),
            Which::Last => *kept = entry,
        }
    }
}

/// Takes out all but the last entry of each key, as labels and annotations that are written anew lose them.
pub(super) fn keep_last(map: &mut Map, notes: &mut Vec<Note>) {
    keep(map, Which::Last, notes);
}

/// Moves labels or annotations that were written anew to the map of that name behind them, if there is one: Kustomize takes out the first one and then
/// finds the other.
pub(super) fn move_to_second(metadata: &mut Map, field: &str) {
    let is_field = |entry: &Entry| &*entry.key.text == field;
    let mut places = metadata.entries().iter().enumerate().filter(|(_, entry)| is_field(entry)).map(|(at, _)| at);
    let (Some(first), Some(second)) = (places.next(), places.next()) else { return };
    let first = metadata.entries_mut().remove(first);
    let Some(second) = metadata.entries_mut().get_mut(second - 1).and_then(|entry| entry.value.as_map_mut()) else { return };
    let Value::Map(mut moved) = first.value.value else { return };
    for entry in std::mem::take(moved.entries_mut()) {
        match second.get_mut(&entry.key.text) {
            Some(value) => value.replace(entry.value),
            None => second.entries_mut().push(Entry { key: unquoted_key(&entry.key.text), value: entry.value }),
        }
    }
}

/// A key that the tree had twice, and where it is for the second time.
pub(super) fn find(node: &Node) -> Option<(&str, &Origin)> {
    match &node.value {
        Value::Scalar(_) => None,
        Value::Seq(seq) => seq.items.iter().find_map(find),
        Value::Map(map) => map
            .removed()
            .first()
            .map(|removal| (&*removal.key, &removal.had))
            .or_else(|| map.entries().iter().find_map(|entry| find(&entry.value))),
    }
}

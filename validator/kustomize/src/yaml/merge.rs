//! Merge keys (`<<`) and repeated keys.

use std::collections::HashMap;

use ecow::EcoString;
use thin_vec::ThinVec;

use crate::yaml::node::{Entry, Node, Tag, Value};

/// The values of one `<<`, and how many entries stood before it.
pub(super) struct Merge {
    pub(super) at: usize,
    /// The maps to merge, the one that wins last.
    pub(super) values: Vec<Node>,
}

/// The maps that a `<<` names; of a list the first wins, so it comes last.
pub(super) fn values(node: Node, aliased: bool) -> Result<Vec<Node>, &'static str> {
    match node.value {
        Value::Map(_) => Ok(vec![node]),
        _ if aliased => Err("invalid map merge: received alias for a non-map value"),
        Value::Seq(seq) if seq.items.iter().all(|item| item.as_map().is_some()) => Ok(seq.items.into_iter().rev().collect()),
        _ => Err("map merge requires map or sequence of maps as the value"),
    }
}

/// Above this many entries an index beats looking at each.
const FEW: usize = 16;

/// The first key that occurs twice: the places of both.
pub(crate) fn repeated(entries: &[Entry]) -> Option<(usize, usize)> {
    if entries.len() <= FEW {
        return entries.iter().enumerate().find_map(|(second, entry)| {
            let first = entries[..second].iter().position(|earlier| earlier.key.text == entry.key.text)?;
            Some((first, second))
        });
    }
    let mut seen = HashMap::with_capacity(entries.len());
    entries.iter().enumerate().find_map(|(second, entry)| seen.insert(&*entry.key.text, second).map(|first| (first, second)))
}

/// Merges as kyaml does (`RNode.DeAnchor`): the map's own entries win, of several merges the last. Repeated own keys stay.
pub(super) fn merged_v3(own: Vec<Entry>, merges: Vec<Merge>) -> Vec<Entry> {
    let explicit: std::collections::HashSet<EcoString> = own.iter().map(|entry| entry.key.text.clone()).collect();
    let mut merged = Vec::new();
    for entry in merges.into_iter().flat_map(|merge| merge.values).flat_map(into_entries) {
        if !explicit.contains(&entry.key.text) {
            merged.push(entry);
        }
    }
    let mut entries = own;
    entries.extend(last_wins(merged));
    entries
}

/// Merges as go-yaml v2 does, where everything in its order sets a key and the last wins.
pub(super) fn merged_v2(own: Vec<Entry>, merges: Vec<Merge>) -> Vec<Entry> {
    let mut all = Vec::with_capacity(own.len());
    let mut merges = merges.into_iter().peekable();
    for (index, entry) in own.into_iter().enumerate() {
        while let Some(merge) = merges.next_if(|merge| merge.at <= index) {
            all.extend(merge.values.into_iter().flat_map(into_entries));
        }
        all.push(entry);
    }
    all.extend(merges.flat_map(|merge| merge.values).flat_map(into_entries));
    // JSON has only strings for keys, and v2's values are already those of JSON.
    for entry in &mut all {
        entry.key.tag = Tag::Str;
    }
    last_wins(all)
}

/// One entry a key, at the place of the first and with the value of the last.
fn last_wins(entries: Vec<Entry>) -> Vec<Entry> {
    if repeated(&entries).is_none() {
        return entries;
    }
    let mut places: HashMap<EcoString, usize> = HashMap::with_capacity(entries.len());
    let mut kept: Vec<Entry> = Vec::with_capacity(entries.len());
    for entry in entries {
        match places.get(&entry.key.text).copied().and_then(|place| kept.get_mut(place)) {
            Some(earlier) => *earlier = entry,
            None => {
                places.insert(entry.key.text.clone(), kept.len());
                kept.push(entry);
            }
        }
    }
    kept
}

fn into_entries(mut node: Node) -> ThinVec<Entry> {
    node.as_map_mut().map(|map| std::mem::take(map.entries_mut())).unwrap_or_default()
}

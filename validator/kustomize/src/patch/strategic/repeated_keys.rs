//! Keys that a patch has twice. Kustomize looks for the first of them wherever it merges; only what it adds as it is has both, and cannot be
//! printed then.

use std::collections::HashMap;

use ecow::EcoString;

use crate::note::{Note, NoteKind};
use crate::source::Origin;
use crate::yaml;
use crate::yaml::node::{Map, Node, Removal, Value};

/// Takes out all but the first entry of each key, remembers that in the maps, and notes it.
pub(crate) fn keep_first(patch: &mut Node, notes: &mut Vec<Note>) {
    match &mut patch.value {
        Value::Scalar(_) => {}
        Value::Seq(seq) => seq.items.iter_mut().for_each(|item| keep_first(item, notes)),
        Value::Map(map) => {
            if yaml::repeated(map.entries()).is_some() {
                let mut first: HashMap<EcoString, Origin> = HashMap::new();
                for entry in std::mem::take(map.entries_mut()) {
                    let Some(by) = first.get(&entry.key.text) else {
                        first.insert(entry.key.text.clone(), entry.value.origin.clone());
                        map.entries_mut().push(entry);
                        continue;
                    };
                    let message =
                        format!("the patch has the key `{}` twice: Kustomize takes the first and ignores the other", entry.key.text);
                    let both = Origin::new(by.source, by.start, entry.value.origin.end).with_key(by.key);
                    notes.push(Note::new(NoteKind::KeyRepeated, message, both));
                    map.note_removal(Removal { key: entry.key.text, by: by.clone(), had: entry.value.origin });
                }
            }
            map.entries_mut().iter_mut().for_each(|entry| keep_first(&mut entry.value, notes));
        }
    }
}

/// Takes out all but the last entry of each key, as labels and annotations that are written anew lose them.
pub(crate) fn keep_last(map: &mut Map) {
    if yaml::repeated(map.entries()).is_none() {
        return;
    }
    let mut places: HashMap<EcoString, usize> = HashMap::new();
    for entry in std::mem::take(map.entries_mut()) {
        match places.get(&entry.key.text).and_then(|at| map.entries_mut().get_mut(*at)) {
            Some(earlier) => *earlier = entry,
            None => {
                places.insert(entry.key.text.clone(), map.entries().len());
                map.entries_mut().push(entry);
            }
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

//! Objects in which the same happens for the same reason.

use std::collections::HashMap;

use kubevet_facts::change::Kind;

use super::cause::place;
use super::text;
use crate::check::ObjectChange;

/// So many objects that change alike are listed one by one.
const FEW: usize = 3;

/// Of more objects that change alike, so many are named beside the first.
const MOST_NAMED: usize = 5;

/// The names of objects that change alike.
pub(super) fn names(objects: &[&ObjectChange]) -> String {
    let named: Vec<String> = objects.iter().take(1 + MOST_NAMED).map(|object| object.object.to_string()).collect();
    let names = named.join(", ");
    match objects.len() - named.len() {
        0 => names,
        more => format!("{names} and {more} more"),
    }
}

/// The objects, those together in which the same happens for the same reason: a label that is on all of them is one change to read.
pub(super) fn alike(objects: &[ObjectChange]) -> Vec<Vec<&ObjectChange>> {
    let what = |object: &ObjectChange| {
        let fields: Vec<String> = object.fields.iter().map(|field| format!("{} {:?}", text::line(field), place(field))).collect();
        (object.change == Kind::Changed && !fields.is_empty()).then(|| (fields, text::remarks(object)))
    };
    let mut groups: Vec<Vec<&ObjectChange>> = Vec::new();
    let mut known = HashMap::new();
    for object in objects {
        match what(object) {
            Some(what) => {
                let at = *known.entry(what).or_insert(groups.len());
                match groups.get_mut(at) {
                    Some(group) => group.push(object),
                    None => groups.push(vec![object]),
                }
            }
            None => groups.push(vec![object]),
        }
    }
    // A few are read faster one by one.
    groups
        .into_iter()
        .flat_map(|group| if group.len() > FEW { vec![group] } else { group.into_iter().map(|one| vec![one]).collect() })
        .collect()
}

//! The difference of two trees, field by field; elements of lists are matched by what tells them apart.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::shape::{Shape, identity};
use crate::objects::{Path, Segment};

/// A field that is not as it was.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Field {
    /// Where it is now, or would be.
    pub path: Path,
    /// Where it was, if the indices of lists changed on the way.
    pub old_path: Path,
    /// What it was; nothing where it was added.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<Json>,
    /// What it is; nothing where it was removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<Json>,
}

/// What differs between two objects as they are stored.
pub(super) fn fields(old: &Json, new: &Json, shape: Shape) -> Vec<Field> {
    let mut found = Vec::new();
    value(Some(old), Some(new), shape, &[], (&Path::default(), &Path::default()), &mut found);
    // The old name of a field goes with the new one.
    let renamed: Vec<Path> = found.iter().filter_map(|field| old_name(&field.path)).collect();
    found.retain(|field| !renamed.contains(&field.path));
    found
}

/// `serviceAccount` beside a `serviceAccountName`.
fn old_name(path: &Path) -> Option<Path> {
    let (last, above) = path.0.split_last()?;
    (*last == Segment::from("serviceAccountName")).then(|| Path(above.to_vec()).with("serviceAccount"))
}

fn value(old: Option<&Json>, new: Option<&Json>, shape: Shape, keys: &[Box<str>], at: (&Path, &Path), found: &mut Vec<Field>) {
    match (old, new) {
        (None, None) => {}
        (Some(old), Some(new)) if old == new => {}
        (Some(Json::Object(old)), Some(Json::Object(new))) => map(old, new, shape, at, found),
        (Some(Json::Array(old)), Some(Json::Array(new))) => list(old, new, shape, keys, at, found),
        (old, new) => found.push(Field { old_path: at.0.clone(), path: at.1.clone(), old: old.cloned(), new: new.cloned() }),
    }
}

fn map(old: &Map<String, Json>, new: &Map<String, Json>, shape: Shape, at: (&Path, &Path), found: &mut Vec<Field>) {
    let keys = old.keys().chain(new.keys().filter(|key| !old.contains_key(*key)));
    for key in keys {
        let keys = shape.merge(key).map_or(&[][..], |merge| &merge.keys);
        let at = (&at.0.with(&**key), &at.1.with(&**key));
        value(old.get(key), new.get(key), shape.field(key), keys, at, found);
    }
}

fn list(old: &[Json], new: &[Json], shape: Shape, keys: &[Box<str>], at: (&Path, &Path), found: &mut Vec<Field>) {
    let before = found.len();
    let mut by_identity: HashMap<String, Vec<usize>> = HashMap::new();
    let id = |item: &Json| identity(item, keys).unwrap_or_else(|| item.to_string());
    for (index, item) in old.iter().enumerate().rev() {
        by_identity.entry(id(item)).or_default().push(index);
    }
    let mut pairs: Vec<(Option<usize>, Option<usize>)> = Vec::new();
    for (index, item) in new.iter().enumerate() {
        pairs.push((by_identity.get_mut(&id(item)).and_then(Vec::pop), Some(index)));
    }
    let mut gone: Vec<usize> = by_identity.into_values().flatten().collect();
    gone.sort_unstable();
    if keys.is_empty() {
        // Elements without a name of their own that are left on both sides are taken for each other, in their order.
        let mut left = gone.into_iter();
        pairs.iter_mut().filter(|(old, _)| old.is_none()).for_each(|(old, _)| *old = left.next());
        gone = left.collect();
    }
    pairs.extend(gone.into_iter().map(|index| (Some(index), None)));
    for (old_index, new_index) in &pairs {
        let at = (&at.0.with(old_index.or(*new_index).unwrap_or(0)), &at.1.with(new_index.or(*old_index).unwrap_or(0)));
        let (old, new) = (old_index.and_then(|index| old.get(index)), new_index.and_then(|index| new.get(index)));
        value(old, new, shape.item(), &[], at, found);
    }
    if found.len() == before {
        // The same elements in another order.
        found.push(Field {
            old_path: at.0.clone(),
            path: at.1.clone(),
            old: Some(Json::Array(old.to_vec())),
            new: Some(Json::Array(new.to_vec())),
        });
    }
}

/// Where two values differ: the deepest place that holds all differences, at most so many steps down.
pub(super) fn first_difference(old: Option<&Json>, new: Option<&Json>, deepest: usize) -> Option<Path> {
    let nothing = Json::Null;
    let (mut old, mut new) = (old.unwrap_or(&nothing), new.unwrap_or(&nothing));
    if old == new || (super::json::is_empty(old) && super::json::is_empty(new)) {
        return None;
    }
    let mut path = Path::default();
    while path.0.len() < deepest {
        let (Json::Object(before), Json::Object(after)) = (old, new) else { break };
        let mut differ = before.keys().chain(after.keys()).filter(|key| before.get(*key) != after.get(*key));
        let Some(key) = differ.next() else { break };
        if differ.any(|other| other != key) {
            break;
        }
        path = path.with(&**key);
        (old, new) = (before.get(key).unwrap_or(&nothing), after.get(key).unwrap_or(&nothing));
    }
    Some(path)
}

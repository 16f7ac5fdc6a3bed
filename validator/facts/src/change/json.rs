//! Trees of JSON values: what the API server stores has no origins.

use kustomize::Node;
use serde_json::{Map, Value as Json};

use crate::schema::read_json;
pub(super) use crate::schema::to_json as of;

/// A tree of the values, without origins.
pub(super) fn node(value: &Json) -> Option<Node> {
    read_json(&value.to_string()).ok()
}

/// The value below keys, through maps only.
pub(super) fn at<'a>(value: &'a Json, keys: &[&str]) -> Option<&'a Json> {
    keys.iter().try_fold(value, |value, key| value.get(*key)).filter(|value| !value.is_null())
}

/// The string below keys; empty where there is none.
pub(super) fn text<'a>(value: &'a Json, keys: &[&str]) -> &'a str {
    at(value, keys).and_then(Json::as_str).unwrap_or_default()
}

/// Takes out what is below keys, through maps only.
pub(super) fn take(value: &mut Json, keys: &[&str]) -> Option<Json> {
    let (last, way) = keys.split_last()?;
    let map = way.iter().try_fold(value, |value, key| value.get_mut(*key))?;
    map.as_object_mut()?.remove(*last)
}

/// Puts a value below keys, or takes out what is there. The maps on the way are made where they are missing.
pub(super) fn put(value: &mut Json, keys: &[&str], new: Option<Json>) {
    let Some(new) = new else {
        take(value, keys);
        return;
    };
    let Some((last, way)) = keys.split_last() else { return };
    let mut map = value;
    for key in way {
        let Some(fields) = map.as_object_mut() else { return };
        map = fields.entry(*key).or_insert_with(|| Json::Object(Map::new()));
    }
    if let Some(fields) = map.as_object_mut() {
        fields.insert((*last).to_owned(), new);
    }
}

/// Whether there is nothing in it: null, or a map or list without elements.
pub(super) fn is_empty(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::Array(items) => items.is_empty(),
        Json::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

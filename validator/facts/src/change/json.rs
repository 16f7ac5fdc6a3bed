//! Trees of JSON values: what the API server stores has no origins.

use kustomize::{Node, Tag, Value};
use serde_json::{Map, Number, Value as Json};

use super::super::schema::read_json;

/// The values of a canonical tree.
pub(super) fn of(node: &Node) -> Json {
    match &node.value {
        Value::Map(map) => Json::Object(map.entries().iter().map(|entry| (entry.key.text.to_string(), of(&entry.value))).collect()),
        Value::Seq(seq) => Json::Array(seq.items.iter().map(of).collect()),
        Value::Scalar(scalar) => match scalar.tag {
            Tag::Null => Json::Null,
            Tag::Bool => Json::Bool(scalar.text == "true"),
            Tag::Int => match (scalar.text.parse::<i64>(), scalar.text.parse::<u64>()) {
                (Ok(number), _) => number.into(),
                (_, Ok(number)) => number.into(),
                _ => Json::String(scalar.text.to_string()),
            },
            Tag::Float => float(&scalar.text).unwrap_or_else(|| Json::String(scalar.text.to_string())),
            _ => Json::String(scalar.text.to_string()),
        },
    }
}

fn float(text: &str) -> Option<Json> {
    let number: f64 = text.parse().ok()?;
    // 1.0 and 1 are one JSON number to the API server.
    if number.fract() == 0.0 && number.abs() < 9e15 { Some((number as i64).into()) } else { Number::from_f64(number).map(Json::Number) }
}

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

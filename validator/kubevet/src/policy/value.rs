//! Between document trees and the engine's values.

use std::collections::BTreeMap;

use kustomize::{Node, Scalar, Tag, Value as Tree};
use regorus::Value;

use crate::findings::{Object, Step};

/// A canonical tree as the engine's value.
pub(super) fn from_node(node: &Node) -> Value {
    match &node.value {
        Tree::Scalar(scalar) => from_scalar(scalar),
        Tree::Seq(seq) => Value::from(seq.items.iter().map(from_node).collect::<Vec<_>>()),
        Tree::Map(map) => {
            let entries = map.entries().iter().map(|entry| (Value::from(&*entry.key.text), from_node(&entry.value)));
            Value::from(entries.collect::<BTreeMap<_, _>>())
        }
    }
}

/// The same in JSON.
pub(crate) fn json(node: &Node) -> serde_json::Value {
    serde_json::to_value(from_node(node)).unwrap_or_default()
}

fn from_scalar(scalar: &Scalar) -> Value {
    let text = &*scalar.text;
    match scalar.tag {
        Tag::Null => Value::Null,
        Tag::Bool => Value::from(text == "true"),
        Tag::Int | Tag::Float => Value::from_numeric_string(text).unwrap_or_else(|_| Value::from(text)),
        Tag::Str | Tag::Timestamp | Tag::Binary | Tag::Merge => Value::from(text),
    }
}

/// The same map with one more entry.
pub(super) fn with_entry(mut value: Value, key: &str, entry: Value) -> Value {
    if let Ok(map) = value.as_object_mut() {
        map.insert(Value::from(key), entry);
    }
    value
}

/// The same map without an entry.
pub(super) fn without_entry(mut value: Value, key: &str) -> Value {
    if let Ok(map) = value.as_object_mut() {
        map.remove(&Value::from(key));
    }
    value
}

/// The value at a key of a map.
pub(super) fn get<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    value.as_object().ok()?.get(&Value::from(key))
}

/// The text at a key of a map.
pub(super) fn text(value: &Value, key: &str) -> Option<String> {
    get(value, key)?.as_string().ok().map(|text| text.to_string())
}

/// The elements of a list or set.
pub(super) fn elements(value: &Value) -> Option<Vec<&Value>> {
    match value {
        Value::Array(array) => Some(array.iter().collect()),
        Value::Set(set) => Some(set.iter_sorted().collect()),
        _ => None,
    }
}

/// An index of a list.
pub(super) fn index(value: &Value) -> Option<usize> {
    value.as_u64().ok().and_then(|index| usize::try_from(index).ok())
}

/// A path of keys and indexes.
pub(super) fn path(value: &Value) -> Option<Vec<Step>> {
    let step = |step: &Value| match step {
        Value::String(key) => Some(Step::Key(key.to_string())),
        Value::Number(_) => index(step).map(Step::Index),
        _ => None,
    };
    elements(value)?.into_iter().map(step).collect()
}

/// An object's identity.
pub(super) fn object(value: &Value) -> Option<Object> {
    Some(Object {
        api_version: text(value, "apiVersion")?,
        kind: text(value, "kind")?,
        namespace: text(value, "namespace").filter(|namespace| !namespace.is_empty()),
        // A manifest's name may be anything; a rule that gives none is wrong.
        name: get(value, "name").map(|name| name.as_string().map(ToString::to_string).unwrap_or_default())?,
    })
}

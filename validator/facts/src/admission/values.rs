//! Objects as policies see them: as the server keeps them, with its defaults, and typed by how they are written.

use std::sync::Arc;

use kubevet_cel::Value;
use kubevet_cel::value::{Key, Map};
use kustomize::{Node, Tag, Value as Tree};
use serde_json::{Number, Value as Json};

use super::defaults;

/// A whole object in its namespace.
pub(super) fn of(object: &Node, namespace: Option<&str>) -> Value {
    let Value::Map(map) = plain(object) else { return Value::Null };
    let mut map = Arc::unwrap_or_clone(map);
    if let Some(namespace) = namespace {
        let metadata = map.entry(Key::String("metadata".into())).or_insert_with(|| Value::object([]));
        if let Value::Map(metadata) = metadata {
            Arc::make_mut(metadata).entry(Key::String("namespace".into())).or_insert_with(|| Value::string(namespace));
        }
    }
    defaults::add(&mut map, object);
    Value::Map(Arc::new(map))
}

/// A value as it is written.
pub(super) fn plain(node: &Node) -> Value {
    match &node.value {
        Tree::Map(map) => {
            let entries = map.entries().iter().filter(|entry| !entry.value.is_null());
            Value::Map(Arc::new(entries.map(|entry| (Key::String(entry.key.text.as_str().into()), plain(&entry.value))).collect::<Map>()))
        }
        Tree::Seq(seq) => Value::list(seq.items.iter().map(plain).collect()),
        Tree::Scalar(scalar) => match scalar.tag {
            Tag::Null => Value::Null,
            Tag::Bool => Value::Bool(node.as_bool().unwrap_or_default()),
            Tag::Int => scalar.text.parse().map_or_else(|_| Value::Double(scalar.text.parse().unwrap_or_default()), Value::Int),
            Tag::Float => Value::Double(scalar.text.parse().unwrap_or_default()),
            _ => Value::string(&scalar.text),
        },
    }
}

/// A value of an object in JSON.
pub(super) fn to_json(value: &Value) -> Json {
    match value {
        Value::Bool(bool) => Json::Bool(*bool),
        Value::Int(number) => Json::from(*number),
        Value::Uint(number) => Json::from(*number),
        Value::Double(number) => Number::from_f64(*number).map_or(Json::Null, Json::Number),
        Value::String(text) => Json::from(&**text),
        Value::List(list) => Json::Array(list.items.iter().map(to_json).collect()),
        Value::Map(map) => {
            let entry = |(key, value): (&Key, &Value)| match key {
                Key::String(key) => Some((key.to_string(), to_json(value))),
                _ => None,
            };
            Json::Object(map.iter().filter_map(entry).collect())
        }
        // Objects have no others.
        _ => Json::Null,
    }
}

/// The same the other way round.
pub(super) fn from_json(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(bool) => Value::Bool(*bool),
        Json::Number(number) => number.as_i64().map_or_else(|| Value::Double(number.as_f64().unwrap_or_default()), Value::Int),
        Json::String(text) => Value::string(text),
        Json::Array(items) => Value::list(items.iter().map(from_json).collect()),
        Json::Object(fields) => {
            let fields = fields.iter().filter(|(_, value)| !value.is_null());
            Value::Map(Arc::new(fields.map(|(key, value)| (Key::String(key.as_str().into()), from_json(value))).collect::<Map>()))
        }
    }
}

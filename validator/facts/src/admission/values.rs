//! Objects as policies see them: as the server keeps them, with its defaults, and typed by how they are written.

use std::sync::Arc;

use kubevet_cel::Value;
use kubevet_cel::value::{Key, Map};
use kustomize::{Node, Tag, Value as Tree};

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

//! What the server evaluates rules over: an object after defaults, as its schema types it.

use std::sync::Arc;

use kubevet_cel::eval::{base64_bytes, duration, timestamp};
use kubevet_cel::names::escaped;
use kubevet_cel::value::{Key, List, ListKind, Map, Value};
use kustomize::{Node, Tag, Value as Tree};

/// A whole object. Rules see only two fields of its metadata.
pub(crate) fn of_object(object: &Node, schema: &Node, keeps_status: bool) -> Value {
    let mut map = fields(Some(object), schema, |name| name != "status" || keeps_status);
    add_meta(&mut map, object);
    Value::Map(Arc::new(map))
}

fn add_meta(map: &mut Map, object: &Node) {
    let text = |node: &Node, name: &'static str| node.str_at(&[name]).map(|text| (key(name), Value::string(text)));
    map.extend(["apiVersion", "kind"].into_iter().filter_map(|name| text(object, name)));
    let metadata =
        object.get("metadata").into_iter().flat_map(|meta| ["name", "generateName"].into_iter().filter_map(move |name| text(meta, name)));
    map.insert(key("metadata"), Value::Map(Arc::new(metadata.collect())));
}

fn key(name: &str) -> Key {
    Key::String(name.into())
}

fn is_true(schema: &Node, field: &str) -> bool {
    schema.get(field).and_then(Node::as_bool) == Some(true)
}

/// A value or its default; nothing where there is none, or where expressions can't see it.
fn value(node: Option<&Node>, schema: &Node) -> Option<Value> {
    let node = match node {
        Some(node) if !node.is_null() => node,
        Some(_) if is_true(schema, "nullable") => return Some(Value::Null),
        _ => match schema.get("default") {
            Some(default) if !default.is_null() => default,
            _ => return None,
        },
    };
    if is_true(schema, "x-kubernetes-int-or-string") {
        let scalar = node.as_scalar()?;
        return Some(match scalar.tag {
            Tag::Int => Value::Int(scalar.text.parse().ok()?),
            _ => Value::string(&scalar.text),
        });
    }
    match (schema.str_at(&["type"]).unwrap_or_default(), &node.value) {
        ("object", Tree::Map(_)) => {
            if let Some(values) = schema.get("additionalProperties").filter(|values| values.as_map().is_some()) {
                let entries = node.entries().iter().filter_map(|entry| Some((key(&entry.key.text), value(Some(&entry.value), values)?)));
                return Some(Value::Map(Arc::new(entries.collect())));
            }
            let mut map = fields(Some(node), schema, |_| true);
            if is_true(schema, "x-kubernetes-embedded-resource") {
                add_meta(&mut map, node);
            }
            Some(Value::Map(Arc::new(map)))
        }
        ("array", Tree::Seq(_)) => {
            let item_schema = schema.get("items");
            let item = |item: &Node| value(Some(item), item_schema?);
            let items = node.items().iter().map(|node| item(node).unwrap_or(Value::Null)).collect();
            Some(Value::List(Arc::new(List { items, kind: list_kind(schema) })))
        }
        ("integer", Tree::Scalar(scalar)) => {
            let whole = scalar.text.parse().ok();
            whole.or_else(|| scalar.text.parse::<f64>().ok().map(|number| number as i64)).map(Value::Int)
        }
        ("number", Tree::Scalar(scalar)) => scalar.text.parse().ok().map(Value::Double),
        ("boolean", Tree::Scalar(_)) => node.as_bool().map(Value::Bool),
        ("string", Tree::Scalar(scalar)) => Some(text(&scalar.text, schema.str_at(&["format"]).unwrap_or_default())),
        _ => None,
    }
}

fn fields(node: Option<&Node>, schema: &Node, is_seen: impl Fn(&str) -> bool) -> Map {
    let properties = schema.get("properties").map_or(&[][..], Node::entries).iter();
    let seen = properties.filter(|property| is_seen(&property.key.text));
    let fields = seen.filter_map(|property| {
        let name = &*property.key.text;
        // As for an absent field, `has` is false for one that is null.
        let value = value(node.and_then(|node| node.get(name)), &property.value).filter(|value| !matches!(value, Value::Null))?;
        Some((Key::String(escaped(name)?.into()), value))
    });
    fields.collect()
}

fn list_kind(schema: &Node) -> ListKind {
    match schema.str_at(&["x-kubernetes-list-type"]) {
        Some("set") => ListKind::Set,
        Some("map") => {
            let keys = schema.get("x-kubernetes-list-map-keys").map_or(&[][..], Node::items).iter();
            ListKind::Map(keys.filter_map(Node::as_str).filter_map(escaped).map(Into::into).collect())
        }
        _ => ListKind::Atomic,
    }
}

/// A text, or what a text of a format stands for.
fn text(text: &str, format: &str) -> Value {
    let moment = |text: &str| timestamp(text).map(Value::Timestamp);
    let found = match format {
        "byte" => base64_bytes(text).map(Value::Bytes),
        "duration" => duration(text).map(Value::Duration),
        "date" => moment(&format!("{text}T00:00:00Z")),
        "date-time" => moment(text),
        _ => None,
    };
    found.unwrap_or_else(|| Value::string(text))
}

//! What the API server makes of a custom resource before it stores it, and what it lets be when one changes.

use kustomize::Node;
use serde_json::Value as Json;

use super::value::property;
use crate::objects::Segment;
use crate::schema::format::written;
use crate::schema::{Reason, SchemaFact, to_json};

/// The deepest value that is looked at.
const DEEPEST: usize = 100;

fn is_nullable(schema: &Node) -> bool {
    schema.get("nullable").and_then(Node::as_bool) == Some(true)
}

fn default(schema: &Node) -> Option<Json> {
    schema.get("default").filter(|default| !default.is_null()).map(to_json)
}

/// Sets the defaults of a schema where an object says nothing (`structural/defaulting` of the server).
pub(crate) fn complete(value: &mut Json, schema: &Node) {
    below(value, schema, 0);
}

fn below(value: &mut Json, schema: &Node, depth: usize) {
    if depth > DEEPEST {
        return;
    }
    match value {
        Json::Object(fields) => {
            for entry in schema.get("properties").map_or(&[][..], Node::entries) {
                let is_unset = fields.get(&*entry.key.text).is_none_or(|field| field.is_null() && !is_nullable(&entry.value));
                if is_unset && let Some(default) = default(&entry.value) {
                    fields.insert(entry.key.text.to_string(), default);
                }
            }
            let others = schema.get("additionalProperties").filter(|others| others.as_map().is_some());
            for (name, field) in fields.iter_mut() {
                if let Some(schema) = property(schema, name).or(others) {
                    element(field, schema, depth);
                }
            }
        }
        Json::Array(items) => {
            if let Some(schema) = schema.get("items") {
                items.iter_mut().for_each(|item| element(item, schema, depth));
            }
        }
        _ => {}
    }
}

fn element(value: &mut Json, schema: &Node, depth: usize) {
    if value.is_null()
        && !is_nullable(schema)
        && let Some(default) = default(schema)
    {
        *value = default;
    }
    below(value, schema, depth + 1);
}

/// How the patterns of quantities begin, as generators of definitions write them.
const QUANTITY: &str = "^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))((";

/// Writes quantities in one way. The server keeps them as they are written, and who reads them reads the same amount.
pub(super) fn even_out(value: &mut Json, schema: &Node) {
    match value {
        Json::Object(fields) => {
            let others = schema.get("additionalProperties").filter(|others| others.as_map().is_some());
            for (name, field) in fields.iter_mut() {
                property(schema, name).or(others).into_iter().for_each(|schema| even_out(field, schema));
            }
        }
        Json::Array(items) => {
            schema.get("items").into_iter().for_each(|schema| items.iter_mut().for_each(|item| even_out(item, schema)));
        }
        Json::String(_) | Json::Number(_) if schema.str_at(&["pattern"]).is_some_and(|pattern| pattern.starts_with(QUANTITY)) => {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            written::canonical(&text).into_iter().for_each(|canonical| *value = Json::String(canonical));
        }
        _ => {}
    }
}

/// Whether a value that a problem is in, and that can be told from others, is as it was: then the server doesn't judge it again. Its metadata
/// and fields that it doesn't know are no matter of the schema.
pub(super) fn stays_wrong(fact: &SchemaFact, old: &Json, new: &Json, schema: &Node) -> bool {
    if matches!(fact.reason, Reason::Unknown | Reason::ApiVersion) || fact.path.0.first() == Some(&Segment::from("metadata")) {
        return false;
    }
    let (mut old, mut new, mut schema) = (Some(old), Some(new), Some(schema));
    for step in &fact.path.0 {
        let (Some(before), Some(after)) = (old, new) else { return false };
        if before == after {
            return true;
        }
        (old, new, schema) = match step {
            Segment::Key(key) => {
                let others = || schema.and_then(|schema| schema.get("additionalProperties"));
                let below = schema.and_then(|schema| property(schema, key)).or_else(others);
                (before.get(&**key), after.get(&**key), below)
            }
            Segment::Index(index) => {
                let item = after.get(*index);
                let same = item.and_then(|item| partner(before, item, schema?));
                (same, item, schema.and_then(|schema| schema.get("items")))
            }
        };
    }
    old.is_some() && old == new
}

/// The element of an old list that has the keys of a new one. Elements of other lists than maps are not told from each other.
fn partner<'o>(old: &'o Json, item: &Json, schema: &Node) -> Option<&'o Json> {
    if schema.str_at(&["x-kubernetes-list-type"]) != Some("map") {
        return None;
    }
    let keys: Vec<&str> = schema.get("x-kubernetes-list-map-keys")?.items().iter().filter_map(Node::as_str).collect();
    old.as_array()?.iter().find(|old| keys.iter().all(|key| old.get(key) == item.get(key)))
}

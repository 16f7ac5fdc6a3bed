//! What a JSON Schema says of a place.

use serde_json::Value;

use super::cursor::Step;

/// How many schemas one may refer to, one after the other.
const MOST_REFERENCES: usize = 20;

/// All schemas that hold at a path; none where nothing is known of it.
pub(super) fn at<'s>(root: &'s Value, path: &[Step]) -> Vec<&'s Value> {
    let mut schemas = all_of(root, root, 0);
    for step in path {
        let next = schemas.into_iter().flat_map(|schema| match step {
            Step::Item => schema.get("items"),
            Step::Key(key) => {
                let other = schema.get("additionalProperties").filter(|other| other.is_object());
                schema.get("properties").and_then(|properties| properties.get(key)).or(other)
            }
        });
        schemas = next.flat_map(|schema| all_of(root, schema, 0)).collect();
    }
    schemas
}

/// A schema with those that it consists of.
fn all_of<'s>(root: &'s Value, schema: &'s Value, depth: usize) -> Vec<&'s Value> {
    if depth > MOST_REFERENCES {
        return Vec::new();
    }
    let referred = schema.get("$ref").and_then(Value::as_str).and_then(|at| root.pointer(at.strip_prefix('#')?));
    let parts = ["allOf", "anyOf", "oneOf"].into_iter().filter_map(|of| schema.get(of)?.as_array()).flatten();
    let within = referred.into_iter().chain(parts).flat_map(|part| all_of(root, part, depth + 1));
    std::iter::once(schema).chain(within).collect()
}

/// The properties of some schemas, each with its description and whether it is deprecated.
pub(super) fn fields<'s>(schemas: &[&'s Value]) -> Vec<(&'s str, Option<&'s str>, bool)> {
    let properties = schemas.iter().filter_map(|schema| schema.get("properties")?.as_object()).flatten();
    let field = |(name, property): (&'s String, &'s Value)| {
        let is_deprecated = property.get("deprecated").and_then(Value::as_bool).unwrap_or_default();
        (name.as_str(), property.get("description").and_then(Value::as_str), is_deprecated)
    };
    properties.map(field).collect()
}

/// The only values that some schemas allow.
pub(super) fn values(schemas: &[&Value]) -> Vec<String> {
    let plain = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    };
    let listed = schemas.iter().filter_map(|schema| schema.get("enum")?.as_array()).flatten();
    let single = schemas.iter().filter_map(|schema| schema.get("const"));
    let mut found: Vec<String> = listed.chain(single).filter_map(plain).collect();
    let is_boolean = |schema: &&Value| {
        schema.get("type").is_some_and(|of| of == "boolean" || of.as_array().is_some_and(|of| of.contains(&"boolean".into())))
    };
    if found.is_empty() && schemas.iter().any(is_boolean) {
        found.extend(["true", "false"].map(str::to_owned));
    }
    found
}

/// What kind of text some schemas want.
pub(super) fn format<'s>(schemas: &[&'s Value]) -> Option<&'s str> {
    schemas.iter().find_map(|schema| schema.get("format")?.as_str())
}

/// Whether a list or a map stands there, so that what is written goes on below.
pub(super) fn goes_on(schemas: &[&Value]) -> (bool, bool) {
    let is = |of: &str| {
        schemas
            .iter()
            .filter_map(|schema| schema.get("type"))
            .any(|types| types == of || types.as_array().is_some_and(|types| types.contains(&of.into())))
    };
    (is("array"), is("object"))
}

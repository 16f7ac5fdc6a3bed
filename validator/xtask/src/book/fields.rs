//! Tables of the fields of a file, from its JSON Schema.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use super::pages::cell;

/// A table for the file, then what each name in it stands for: a table for a map with fields of its own, else a sentence.
pub(super) fn tables(schema: &Value) -> String {
    let mut out = format!("{}\n\n{}", schema["description"].as_str().unwrap_or_default(), table(schema));
    let definitions: BTreeMap<_, _> = schema["definitions"].as_object().into_iter().flatten().collect();
    for (name, definition) in definitions {
        let description = definition["description"].as_str().unwrap_or_default();
        if !definition["properties"].is_object() {
            let _ = writeln!(out, "\n### {name}\n\n{}. {description}", kind(definition));
            continue;
        }
        let _ = write!(out, "\n### {name}\n\n{}", table(definition));
        if let Some(named) = definition["additionalProperties"].as_object() {
            let _ = writeln!(out, "| any other name | {} | | {} |", kind(&Value::Object(named.clone())), cell(description));
        }
    }
    out
}

fn table(schema: &Value) -> String {
    let mut out = String::from("| field | is | required | |\n|---|---|---|---|\n");
    let required = |name: &String| schema["required"].as_array().is_some_and(|names| names.iter().any(|known| known == name.as_str()));
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let yes = if required(name) { "yes" } else { "" };
        let _ = writeln!(out, "| `{name}` | {} | {yes} | {} |", kind(field), cell(field["description"].as_str().unwrap_or_default()));
    }
    out
}

/// What a field may be, in a word or two.
fn kind(field: &Value) -> String {
    if let Some(reference) = field["$ref"].as_str() {
        return reference.rsplit('/').next().unwrap_or_default().to_owned();
    }
    let listed = |values: &Vec<Value>| {
        values
            .iter()
            .filter(|value| value.is_string())
            .map(|value| format!("`{}`", value.as_str().unwrap_or_default()))
            .collect::<Vec<_>>()
            .join(", ")
    };
    if let Some(values) = field["enum"].as_array() {
        return listed(values);
    }
    if !field["const"].is_null() {
        return format!("`{}`", field["const"]);
    }
    if let Some(choices) = field["oneOf"].as_array().or(field["anyOf"].as_array()) {
        return choices.iter().map(kind).filter(|kind| kind != "null").collect::<Vec<_>>().join(" or ");
    }
    let types: Vec<&str> = match &field["type"] {
        Value::String(one) => vec![one],
        Value::Array(several) => several.iter().filter_map(Value::as_str).filter(|name| *name != "null").collect(),
        _ => Vec::new(),
    };
    let word = |name: &&str| match *name {
        "array" if field["items"].is_object() => format!("list of {}", kind(&field["items"])),
        "object" if field["additionalProperties"].is_object() => format!("map of {}", kind(&field["additionalProperties"])),
        "array" => "list".to_owned(),
        "object" => "map".to_owned(),
        other => other.to_owned(),
    };
    types.iter().map(word).collect::<Vec<_>>().join(" or ")
}

//! The JSON Schemas of kubevet's own files and of kustomizations, by which editors complete and check them while people type.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::policy::{Catalog, Declaration, ValueType};

/// The files that there are schemas for: the name, what it is, and the schema's text.
pub const SCHEMAS: [(&str, &str, &str); 6] = [
    ("environments", "policies/environments.yaml", include_str!("../schemas/environments.json")),
    ("waivers", "policies/waivers.yaml", include_str!("../schemas/waivers.json")),
    ("products", "policies/products.yaml", include_str!("../schemas/products.json")),
    ("workloads", "policies/workloads.yaml", include_str!("../schemas/workloads.json")),
    ("kustomization", "kustomization.yaml", include_str!("../schemas/kustomization.json")),
    ("report", "what `kubevet check --format json` prints", include_str!("../schemas/report.json")),
];

/// The schema of that name; that of the table knows the rules and parameters of the catalog.
pub fn schema(name: &str, catalog: &Catalog) -> Option<Value> {
    let (_, _, text) = SCHEMAS.iter().find(|(known, ..)| *known == name)?;
    let mut schema: Value = serde_json::from_str(text).ok()?;
    if name == "environments" {
        schema["properties"]["rules"]["properties"] = rules(catalog);
        schema["definitions"]["environment"]["properties"]["parameters"]["properties"] = parameters(catalog);
    }
    Some(schema)
}

/// The comment by which an editor's YAML language server finds the schema of the file that it stands in.
pub fn comment(schema: &Path) -> String {
    format!("# yaml-language-server: $schema={}\n", schema.display())
}

/// Where the schema of a table belongs: beside it.
pub fn beside(table: &Path) -> PathBuf {
    table.with_extension("schema.json")
}

fn rules(catalog: &Catalog) -> Value {
    let rules = catalog.rules.iter().filter(|rule| !rule.is_foreign());
    // Beside a `$ref`, draft 7 reads nothing.
    let row = |title: &str| json!({"allOf": [{"$ref": "#/definitions/row"}], "description": title});
    rules.map(|rule| (rule.id.clone(), row(&rule.title))).collect::<Map<_, _>>().into()
}

fn parameters(catalog: &Catalog) -> Value {
    catalog
        .parameters
        .iter()
        .map(|(name, parameter)| (name.to_owned(), parameter_schema(&parameter.declaration)))
        .collect::<Map<_, _>>()
        .into()
}

/// Null is as good as nothing said.
fn parameter_schema(declaration: &Declaration) -> Value {
    let mut schema = json!({"type": [json_type(declaration.value), "null"], "description": declaration.description.trim()});
    let mut element = json!({});
    if let Some(of) = declaration.of {
        element["type"] = json_type(of).into();
    }
    let choices = || declaration.choices.iter().cloned().map(Value::from);
    if !declaration.choices.is_empty() {
        element["enum"] = choices().collect();
    }
    match declaration.value {
        ValueType::List => schema["items"] = element,
        ValueType::Map => schema["additionalProperties"] = element,
        _ if !declaration.choices.is_empty() => schema["enum"] = choices().chain([Value::Null]).collect(),
        _ => {}
    }
    if let Some(default) = &declaration.default {
        schema["default"] = default.clone();
    }
    schema
}

fn json_type(value: ValueType) -> &'static str {
    match value {
        ValueType::String => "string",
        ValueType::Integer => "integer",
        ValueType::Number => "number",
        ValueType::Boolean => "boolean",
        ValueType::List => "array",
        ValueType::Map => "object",
    }
}

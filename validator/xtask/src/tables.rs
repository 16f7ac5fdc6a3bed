//! The schema tables of the facts crate, made from OpenAPI v2 documents: an API server's own one, or the one that Kubernetes publishes with a release
//! (`api/openapi-spec/swagger.json`). That has the kinds that a server serves only where it is told to as well, but no values of enums, which
//! come from the Go packages beside it ([`enums`](crate::enums)).
//!
//! The format is described where it is read: `validator/facts/src/schema/table.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde_json::{Map, Value};

use crate::enums::Types;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Writes a table for each version below `dir`, and says what it wrote.
pub(crate) fn generate(dir: &Path) -> Result<String> {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../facts/src/schema/tables");
    let mut versions: Vec<PathBuf> = fs::read_dir(dir)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    versions.retain(|path| path.is_dir());
    versions.sort();
    let mut report = String::new();
    for path in versions {
        let version = path.file_name().and_then(|name| name.to_str()).ok_or("a directory's name is not UTF-8")?;
        let mut document: Value = serde_json::from_slice(&read(&path)?)?;
        if let Some(types) = Types::read(&path)? {
            types.add_to(&mut document);
        }
        if !document["definitions"].to_string().contains("\"enum\":") {
            return Err(format!("{version}: the document has no enums, and beside it is no directory k8s.io with the Go packages").into());
        }
        let text = table(&document)?;
        // Level 9 and no time stamp: the same input always gives the same bytes.
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(text.as_bytes())?;
        let packed = encoder.finish()?;
        fs::write(target.join(format!("{version}.gz")), &packed)?;
        writeln!(report, "{version}: {} bytes, {} unpacked", packed.len(), text.len())?;
    }
    if report.is_empty() { Err(format!("{} has no directory with a version's name", dir.display()).into()) } else { Ok(report) }
}

fn read(dir: &Path) -> Result<Vec<u8>> {
    if let Ok(plain) = fs::read(dir.join("v2.json")) {
        return Ok(plain);
    }
    let path = dir.join("v2.json.gz");
    let packed = fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut plain = Vec::new();
    GzDecoder::new(&packed[..]).read_to_end(&mut plain)?;
    Ok(plain)
}

fn table(document: &Value) -> Result<String> {
    let definitions = document["definitions"].as_object().ok_or("the document has no definitions")?;
    let kinds = kinds(document, definitions)?;
    let used = reachable(kinds.values().map(String::as_str), definitions);
    let number: BTreeMap<&str, usize> = used.iter().enumerate().map(|(at, name)| (*name, at)).collect();

    let mut text = String::new();
    for ((api_version, kind), definition) in &kinds {
        let off = if is_off(api_version) { "\toff" } else { "" };
        writeln!(text, "{api_version}\t{kind}\t{}{off}", number[definition.as_str()])?;
    }
    text.push('\n');
    for name in &used {
        text.push_str(&short(name));
        for (field, schema) in properties(&definitions[*name]) {
            write!(text, "\t{field}")?;
            write_merge(&mut text, schema)?;
            text.push(':');
            write_type(&mut text, schema, &number)?;
        }
        text.push('\n');
    }
    Ok(text)
}

/// The last three parts of a definition's name, `core.v1.PodSpec`.
fn short(definition: &str) -> String {
    let mut parts: Vec<_> = definition.rsplit('.').take(3).collect();
    parts.reverse();
    parts.join(".")
}

/// How a patch treats a field, where it is not as every other one: `~`, letters (`m` merge, `r` retainKeys, `=` replace), the merge key, and
/// the keys that tell the elements apart.
fn write_merge(text: &mut String, schema: &Value) -> Result<()> {
    let strategy = schema["x-kubernetes-patch-strategy"].as_str().unwrap_or_default();
    let keys: Vec<_> = schema["x-kubernetes-list-map-keys"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if strategy.is_empty() && keys.is_empty() {
        return Ok(());
    }
    text.push('~');
    for part in strategy.split(',').filter(|part| !part.is_empty()) {
        text.push(match part {
            "merge" => 'm',
            "retainKeys" => 'r',
            "replace" => '=',
            other => return Err(format!("unknown patch strategy {other}").into()),
        });
    }
    write!(text, ",{}", schema["x-kubernetes-patch-merge-key"].as_str().unwrap_or_default())?;
    keys.iter().try_for_each(|key| write!(text, ",{key}"))?;
    Ok(())
}

/// What can be created, with its definition: each path that takes a POST and is not below one object.
fn kinds(document: &Value, definitions: &Map<String, Value>) -> Result<BTreeMap<(String, String), String>> {
    let mut by_kind = BTreeMap::new();
    for (name, definition) in definitions {
        for gvk in definition["x-kubernetes-group-version-kind"].as_array().into_iter().flatten() {
            by_kind.insert(gvk_of(gvk), name.clone());
        }
    }
    let mut kinds = BTreeMap::new();
    for (path, item) in document["paths"].as_object().ok_or("the document has no paths")? {
        let operation = &item["post"];
        if path.contains("{name}") || operation["x-kubernetes-action"] != "post" {
            continue;
        }
        let key = gvk_of(&operation["x-kubernetes-group-version-kind"]);
        let definition = by_kind.get(&key).ok_or_else(|| format!("{path}: no definition of {} {}", key.0, key.1))?.clone();
        kinds.insert(key, definition);
    }
    Ok(kinds)
}

/// Whether servers serve an apiVersion only where `--runtime-config` says so. Since 1.24 that is every alpha and beta version but those that were
/// served before, of which one was left in 1.29 (`legacyBetaEnabledByDefaultResources` in `pkg/controlplane/instance.go`).
fn is_off(api_version: &str) -> bool {
    const LEGACY: &str = "flowcontrol.apiserver.k8s.io/v1beta3";
    (api_version.contains("alpha") || api_version.contains("beta")) && api_version != LEGACY
}

fn gvk_of(gvk: &Value) -> (String, String) {
    let part = |name: &str| gvk[name].as_str().unwrap_or_default().to_owned();
    let api_version = if part("group").is_empty() { part("version") } else { format!("{}/{}", part("group"), part("version")) };
    (api_version, part("kind"))
}

fn properties(definition: &Value) -> impl Iterator<Item = (&String, &Value)> {
    definition["properties"].as_object().into_iter().flatten()
}

/// The definitions that objects are made of, each of them with fields of its own.
fn reachable<'a>(roots: impl Iterator<Item = &'a str>, definitions: &'a Map<String, Value>) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let mut left: Vec<&str> = roots.collect();
    while let Some(name) = left.pop() {
        if special(name).is_none() && found.insert(name) {
            left.extend(properties(&definitions[name]).filter_map(|(_, schema)| reference(schema)));
        }
    }
    found
}

/// The definition that a schema, its elements or its values are of.
fn reference(schema: &Value) -> Option<&str> {
    let inner = ["items", "additionalProperties"].into_iter().find_map(|key| schema.get(key));
    match schema["$ref"].as_str() {
        Some(target) => target.strip_prefix("#/definitions/"),
        None => reference(inner?),
    }
}

fn write_type(text: &mut String, schema: &Value, number: &BTreeMap<&str, usize>) -> Result<()> {
    if let Some(target) = schema["$ref"].as_str() {
        let name = target.strip_prefix("#/definitions/").ok_or("a $ref leaves the definitions")?;
        match special(name) {
            Some(letter) => text.push(letter),
            None => write!(text, "@{}", number[name])?,
        }
        return Ok(());
    }
    match (schema["type"].as_str(), schema["format"].as_str()) {
        (Some("array"), _) => {
            text.push('[');
            write_type(text, &schema["items"], number)?;
        }
        (Some("object"), _) if schema.get("additionalProperties").is_some() => {
            text.push('{');
            write_type(text, &schema["additionalProperties"], number)?;
        }
        (Some("object"), _) => text.push('o'),
        (Some("string"), Some("byte")) => text.push('B'),
        (Some("string"), _) => match schema["enum"].as_array() {
            Some(values) => {
                let values: Vec<_> = values.iter().filter_map(Value::as_str).collect();
                write!(text, "e{}", values.join("|"))?;
            }
            None => text.push('s'),
        },
        (Some("integer"), Some("int64")) => text.push('l'),
        (Some("integer"), _) => text.push('i'),
        (Some("number"), _) => text.push('n'),
        (Some("boolean"), _) => text.push('b'),
        (None, _) => text.push('*'),
        (Some(other), _) => return Err(format!("unknown type {other}").into()),
    }
    Ok(())
}

/// Types that decode themselves, and so have no fields.
fn special(definition: &str) -> Option<char> {
    let name = definition.rsplit_once('.').map_or(definition, |(_, name)| name);
    match name {
        "Quantity" => Some('q'),
        "Time" => Some('t'),
        "MicroTime" => Some('u'),
        "IntOrString" => Some('x'),
        "FieldsV1" | "RawExtension" => Some('o'),
        "JSON" | "JSONSchemaPropsOrArray" | "JSONSchemaPropsOrBool" | "JSONSchemaPropsOrStringArray" => Some('*'),
        _ => None,
    }
}

//! What may be written in a manifest: fields and values by the schemas of kinds, and names of other objects.

use std::collections::BTreeSet;

use kubevet_facts::schema;
use kustomize::Node;

use super::candidate::{Around, Candidate, Kind, entry};
use super::cursor::{Cursor, Slot, Step};
use super::there::names;
use crate::location::Object;
use crate::named;

pub(super) fn in_manifest(text: &str, cursor: &Cursor, around: Around<'_>) -> Vec<Candidate> {
    let top = |key: &str| top_level(text.get(cursor.document.clone())?, key);
    let (api_version, kind) = (top("apiVersion"), top("kind"));
    let keys: Vec<&str> = cursor.keys().collect();
    if cursor.slot == Slot::Value && keys.len() == 1 && cursor.path.len() == 1 {
        match keys[0] {
            "kind" => {
                let served = schema::served(around.version).filter(|(version, _)| api_version.is_none_or(|known| known == *version));
                return served.map(|(version, kind)| Candidate::new(Kind::Value, kind).detail(Some(version))).collect();
            }
            "apiVersion" => {
                let served = schema::served(around.version).filter(|(_, served)| kind.is_none_or(|known| known == *served));
                return served.map(|(version, _)| Candidate::new(Kind::Value, version)).collect();
            }
            _ => {}
        }
    }
    let (Some(api_version), Some(kind)) = (api_version, kind) else {
        let fields = ["apiVersion", "kind", "metadata"].into_iter().filter(|name| !cursor.beside.iter().any(|(known, _)| known == name));
        let is_top = cursor.path.is_empty() && cursor.slot == Slot::Key;
        return fields
            .filter(|_| is_top)
            .map(|name| Candidate { text: format!("{name}: "), ..Candidate::new(Kind::Field, name) })
            .collect();
    };
    let path: Vec<Option<&str>> = cursor
        .path
        .iter()
        .map(|step| match step {
            Step::Key(key) => Some(key.as_str()),
            Step::Item => None,
        })
        .collect();
    let mut found = Vec::new();
    if cursor.slot == Slot::Value {
        found.extend(references(kind, &keys, cursor, around));
    }
    let Some(shape) = schema::shape(around.version, api_version, kind, &path) else { return found };
    if cursor.slot == Slot::Key {
        for field in shape.fields.iter().filter(|name| !cursor.beside.iter().any(|(known, _)| known == *name)) {
            let steps: Vec<Option<&str>> = path.iter().copied().chain([Some(field.as_str())]).collect();
            let below = schema::shape(around.version, api_version, kind, &steps).unwrap_or_default();
            let text = entry(field, (below.is_list, below.is_map), cursor.column);
            found.push(Candidate { text, ..Candidate::new(Kind::Field, field) });
        }
    }
    found.extend(shape.values.iter().map(|value| Candidate::new(Kind::Value, value)));
    found
}

/// The value of a key of the top level.
fn top_level<'t>(document: &'t str, key: &str) -> Option<&'t str> {
    let value = document.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'))?;
    let value = value.split(" #").next().unwrap_or_default().trim().trim_matches(['"', '\'']);
    Some(value).filter(|value| !value.is_empty())
}

/// The names of objects that may be referred to at a place, and the keys of the ConfigMap or Secret that is.
fn references(kind: &str, keys: &[&str], cursor: &Cursor, around: Around<'_>) -> Vec<Candidate> {
    let path = keys.join("/");
    let targets: BTreeSet<String> = kustomize::name_references(kind, &path).collect();
    let mut found = names(around, |object| targets.contains(&object.kind));
    if let [.., of, "key"] = keys {
        let kind = match *of {
            "configMapKeyRef" => "ConfigMap",
            "secretKeyRef" => "Secret",
            _ => return found,
        };
        let name = cursor.beside.iter().find(|(key, _)| key == "name").map(|(_, name)| name.trim_matches(['"', '\'']));
        for (sources, node) in around.objects {
            let object = Object::of(node);
            let is_named = |name: &str| object.name == name || named::first_name(sources, node) == Some(name);
            if object.kind == kind && name.is_none_or(is_named) {
                let maps = ["data", "stringData", "binaryData"].into_iter().filter_map(|field| node.get(field));
                let entries =
                    maps.flat_map(Node::entries).map(|entry| Candidate::new(Kind::Name, &*entry.key.text).detail(Some(&object.name)));
                found.extend(entries);
            }
        }
    }
    found
}

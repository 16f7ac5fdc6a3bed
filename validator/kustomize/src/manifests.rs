//! Manifests that need no build: files as people write them, streams as programs print them.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::error::{Error, ErrorKind, Place};
use crate::node::{Node, Scalar, Tag, Value};
use crate::render::Render;
use crate::source::{Source, Sources};
use crate::yaml::{self, Dialect};

/// Reads a stream of YAML documents (or a JSON object) as `kubectl apply -f` does: YAML 1.1, empty documents skipped, Lists taken apart.
///
/// # Errors
/// What is wrong with the text, and a document that is not a Kubernetes object.
pub fn read_manifests(path: &Path, text: impl Into<Box<str>>) -> Result<Render, Error> {
    let mut sources = Sources::default();
    let id = sources.add(Source::new(path, text));
    let mut objects = Vec::new();
    for mut document in yaml::read(&sources, id, Dialect::YamlV2)? {
        if document.is_null() {
            continue;
        }
        to_json(&mut document, &sources)?;
        flatten(document, &sources, &mut objects)?;
    }
    Ok(Render { objects, sources, notes: Vec::new(), inputs: vec![path.to_owned()] })
}

/// A List's items in its place.
fn flatten(mut document: Node, sources: &Sources, objects: &mut Vec<Node>) -> Result<(), Error> {
    let wrong = |node: &Node, message: &str| Err(Error::new(ErrorKind::Invalid, message).at(Place::of(sources, &node.origin)));
    if document.as_map().is_none() {
        return wrong(&document, "this document is not a Kubernetes object: it is not a map");
    }
    let Some(kind) = document.str_at(&["kind"]) else {
        return wrong(&document, "this document is not a Kubernetes object: it has no kind");
    };
    if kind.ends_with("List") && document.get("items").is_some_and(|items| items.as_seq().is_some()) {
        let items = document.get_mut("items").and_then(Node::as_seq_mut).map(|seq| std::mem::take(&mut seq.items));
        return items.into_iter().flatten().try_for_each(|item| flatten(item, sources, objects));
    }
    if document.str_at(&["apiVersion"]).is_none() {
        return wrong(&document, "this document is not a Kubernetes object: it has no apiVersion");
    }
    objects.push(document);
    Ok(())
}

/// What `sigs.k8s.io/yaml` makes of each scalar on the way to JSON.
fn to_json(node: &mut Node, sources: &Sources) -> Result<(), Error> {
    match &mut node.value {
        Value::Map(map) => map.entries_mut().iter_mut().try_for_each(|entry| to_json(&mut entry.value, sources)),
        Value::Seq(seq) => seq.items.iter_mut().try_for_each(|item| to_json(item, sources)),
        Value::Scalar(scalar) => match json_scalar(scalar) {
            Some(json) => {
                *scalar = json;
                Ok(())
            }
            None => {
                let message = format!("`{}` cannot be said in JSON", scalar.text);
                Err(Error::new(ErrorKind::Invalid, message).at(Place::of(sources, &node.origin)))
            }
        },
    }
}

fn json_scalar(scalar: &Scalar) -> Option<Scalar> {
    let style = scalar.style;
    let text: Box<str> = match scalar.tag {
        Tag::Null => "null".into(),
        Tag::Bool => if yaml::parse_bool(&scalar.text, Dialect::YamlV2)? { "true" } else { "false" }.into(),
        Tag::Int => yaml::parse_integer(&scalar.text, Dialect::YamlV2)?.to_string().into(),
        Tag::Float => return yaml::parse_float(&scalar.text).and_then(yaml::json_float).map(|json| Scalar { style, ..json }),
        Tag::Binary => {
            let packed: String = scalar.text.split_whitespace().collect();
            String::from_utf8(STANDARD.decode(packed).ok()?).ok()?.into()
        }
        Tag::Str | Tag::Timestamp | Tag::Merge => return Some(Scalar { tag: Tag::Str, ..scalar.clone() }),
    };
    let tag = if scalar.tag == Tag::Binary { Tag::Str } else { scalar.tag };
    Some(Scalar { text, tag, style })
}

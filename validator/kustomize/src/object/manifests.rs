//! Manifests that need no build: files as people write them, streams as programs print them.

use std::path::Path;

use crate::error::{Error, ErrorKind, Place};
use crate::object::render::Render;
use crate::source::{Source, Sources};
use crate::yaml;
use crate::yaml::node::Node;

/// Reads a stream of YAML documents or of JSON objects as `kubectl apply -f` does: YAML 1.1, empty documents skipped, Lists taken apart. Other than
/// kubectl it takes every document, also one behind `...` or a `---` with a comment. A stream without documents is no error here.
///
/// # Errors
/// The first thing that is wrong with the text, a key that a map has twice (`kubectl kustomize` and the API server's strict decoding refuse
/// it), and a document that is not a Kubernetes object.
pub fn read_manifests(path: &Path, text: impl Into<Box<str>>) -> Result<Render, Error> {
    let mut sources = Sources::default();
    let id = sources.add(Source::new(path, text));
    let mut objects = Vec::new();
    for document in yaml::read_strict(&sources, id)? {
        if !document.is_null() {
            flatten(document, &sources, &mut objects)?;
        }
    }
    Ok(Render { objects, sources, notes: Vec::new(), inputs: vec![path.to_owned()] })
}

/// Puts a document's object, or a List's items, behind the others.
fn flatten(mut document: Node, sources: &Sources, objects: &mut Vec<Node>) -> Result<(), Error> {
    let not_an_object = |why: &str| {
        let message = format!("this document is not a Kubernetes object: {why}");
        Err(Error::new(ErrorKind::Invalid, message).at(Place::of(sources, &document.origin)))
    };
    if document.as_map().is_none() {
        return not_an_object("it is not a map");
    }
    let Some(kind) = document.str_at(&["kind"]).filter(|kind| !kind.is_empty()) else {
        return not_an_object("it has no kind");
    };
    let Some(api_version) = document.str_at(&["apiVersion"]).filter(|version| !version.is_empty()) else {
        return not_an_object("it has no apiVersion");
    };
    let Some(item_kind) = kind.strip_suffix("List").filter(|_| document.get("items").is_some_and(|items| items.as_seq().is_some())) else {
        objects.push(document);
        return Ok(());
    };
    // The items of a ConfigMapList may leave out what the list says.
    let defaults = [("kind", item_kind.to_owned()), ("apiVersion", api_version.to_owned())];
    let items = document.get_mut("items").and_then(Node::as_seq_mut).map(|seq| std::mem::take(&mut seq.items));
    for mut item in items.into_iter().flatten() {
        let bare = item.get("kind").is_none() && item.get("apiVersion").is_none() && !defaults[0].1.is_empty();
        let origin = item.origin.clone();
        if let Some(map) = item.as_map_mut().filter(|_| bare) {
            for (key, value) in &defaults {
                map.set(key, Node::string(value.as_str(), origin.clone()));
            }
        }
        flatten(item, sources, objects)?;
    }
    Ok(())
}

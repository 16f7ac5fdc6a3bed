//! Turns a path into a rendered object into places in the sources.

use std::sync::Arc;

use kustomize::{Node, Origin, Sources};

use crate::location::{Location, Role, Step};

/// The places of what `path` leads to in `object`, the cause first.
///
/// Where the path leads nowhere, its nearest existing ancestor gives the place, or what removed the thing from there.
pub fn locate(sources: &Sources, object: &Node, path: &[Step]) -> Vec<Location> {
    let mut node = object;
    for (at, step) in path.iter().enumerate() {
        match child(node, step) {
            Some(found) => node = found,
            None => return missing(sources, node, &path[..at], step),
        }
    }
    if path.is_empty() {
        return vec![anchor(sources, node, path)];
    }
    let mut locations = vec![location(sources, &node.origin, Role::Cause, None)];
    locations.extend(node.origin.history().skip(1).map(|old| location(sources, old, Role::Replaced, Some("set here before".to_owned()))));
    locations
}

/// The node that a path leads to.
pub fn resolve<'a>(object: &'a Node, path: &[Step]) -> Option<&'a Node> {
    path.iter().try_fold(object, child)
}

/// For each step of a path, the `name` of the list element that it leads to.
pub fn element_names<'a>(object: &'a Node, path: &[Step]) -> Vec<Option<&'a str>> {
    let mut node = Some(object);
    let follow = |step: &Step| {
        node = node.and_then(|node| child(node, step));
        match step {
            Step::Index(_) => node.and_then(|node| node.str_at(&["name"])),
            Step::Key(_) => None,
        }
    };
    path.iter().map(follow).collect()
}

/// The node that one step leads to.
pub(crate) fn child<'a>(node: &'a Node, step: &Step) -> Option<&'a Node> {
    match step {
        Step::Key(key) => node.get(key),
        Step::Index(index) => node.items().get(*index),
    }
}

fn missing(sources: &Sources, ancestor: &Node, path: &[Step], step: &Step) -> Vec<Location> {
    let Step::Key(key) = step else {
        return vec![anchor(sources, ancestor, path)];
    };
    if let Some(removal) = ancestor.removed().iter().rev().find(|removal| &*removal.key == key) {
        return vec![
            location(sources, &removal.by, Role::Cause, Some("removed here".to_owned())),
            location(sources, &removal.had, Role::Replaced, Some("had one".to_owned())),
        ];
    }
    let mut anchor = anchor(sources, ancestor, path);
    anchor.note = Some(format!("has no `{key}`"));
    vec![anchor]
}

/// The line that best names a map or list as a whole: its key, a list element's `name`, an object's `metadata.name`.
fn anchor(sources: &Sources, node: &Node, path: &[Step]) -> Location {
    if let Some(Step::Key(key)) = path.last() {
        let mut origin = node.origin.clone();
        if origin.key < origin.start {
            let length = u32::try_from(key.len()).unwrap_or(u32::MAX);
            origin.end = origin.key.saturating_add(length).min(origin.start);
        }
        return location(sources, &origin, Role::Cause, None);
    }
    let named = if path.is_empty() { node.at(&["metadata", "name"]) } else { node.get("name") };
    let named = named.or_else(|| node.entries().first().map(|entry| &entry.value));
    // A name that a transformer gave belongs to the transformer; the line that people look for is the first one.
    let origin = named.map_or(&node.origin, |named| named.origin.history().last().unwrap_or(&named.origin));
    location(sources, origin, Role::Cause, None)
}

fn location(sources: &Sources, origin: &Origin, role: Role, note: Option<String>) -> Location {
    Location { source: Arc::clone(sources.get(origin.source)), start: origin.key, end: origin.end, role, note }
}

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

/// Makes a place of several lines, such as a generated file or a block of text, the first of its lines that has a text: one that sets it or has it as a
/// word of its own, if there is such a line.
pub(crate) fn narrow(place: &mut Location, text: &str) {
    let (start, end) = (place.start as usize, place.end as usize);
    let Some(value) = place.source.text().get(start..end).filter(|value| value.contains('\n') && !text.is_empty()) else { return };
    let is_word = |next: Option<char>| next.is_some_and(|next| next.is_alphanumeric() || matches!(next, '_' | '.' | '-'));
    let is_alone = |at: &usize| !is_word(value[..*at].chars().next_back()) && !is_word(value[*at + text.len()..].chars().next());
    let is_set = |at: &usize| {
        let behind = value[*at + text.len()..].trim_start_matches(['"', '\'', ' ', '\t']);
        is_alone(at) && behind.starts_with(['=', ':'])
    };
    let found = || value.match_indices(text).map(|(at, _)| at);
    let Some(at) = found().find(is_set).or_else(|| found().find(is_alone)).or_else(|| found().next()) else { return };
    let from = value[..at].rfind('\n').map_or(0, |before| before + 1);
    let to = value[at..].find('\n').map_or(value.len(), |behind| at + behind);
    let line = &value[from..to];
    let begin = start + from + (line.len() - line.trim_start().len());
    (place.start, place.end) = (begin as u32, (begin + line.trim().len()) as u32);
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

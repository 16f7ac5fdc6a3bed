//! What was in a namespace by name and is in another one now: subjects of bindings, and objects that only work where they were written for.

use std::collections::HashSet;

use crate::note::{Note, NoteKind};
use crate::object::resource::Resource;
use crate::source::Sources;
use crate::yaml::node::Node;

/// Namespaces that every cluster has for itself: what names one of them means it.
const SYSTEM: [&str; 3] = ["kube-node-lease", "kube-public", "kube-system"];

/// Notes on all objects.
pub(super) fn notes(resources: &[Resource], sources: &Sources) -> Vec<Note> {
    let moved = moved_namespaces(resources);
    let mut notes = Vec::new();
    for resource in resources {
        if is_binding(resource) {
            subjects(resource, &moved, sources, &mut notes);
        }
        notes.extend(taken_out(resource, &moved, sources));
    }
    notes
}

/// An object that was taken out of a namespace of the cluster's own, and not along with all others.
fn taken_out(resource: &Resource, moved: &HashSet<&str>, sources: &Sources) -> Option<Note> {
    let namespace = resource.node.at(&["metadata", "namespace"])?;
    let was = written(namespace, sources).filter(|was| SYSTEM.contains(was))?;
    // What has no namespace is in one whose name none has.
    moved.iter().find(|other| **other != was && !other.starts_with('_'))?;
    let now = namespace.text().filter(|now| *now != was)?;
    let message = format!("{} {} is in `{was}` as written, and this puts it into `{now}`", resource.kind(), resource.name());
    Some(Note::new(NoteKind::NamespaceOverwritten, message, namespace.origin.clone()))
}

fn is_binding(resource: &Resource) -> bool {
    matches!(resource.kind(), "RoleBinding" | "ClusterRoleBinding")
}

/// What a field said before something else was written over it.
fn written<'s>(node: &Node, sources: &'s Sources) -> Option<&'s str> {
    node.origin.history().skip(1).find_map(|origin| {
        let text = sources.get(origin.source).text().get(origin.start as usize..origin.end as usize)?;
        Some(text.trim_matches(['"', '\'']))
    })
}

/// The namespaces that objects were in before they were put into others.
fn moved_namespaces(resources: &[Resource]) -> HashSet<&str> {
    let others = resources.iter().filter(|resource| !is_binding(resource));
    others.flat_map(|resource| resource.previous.iter().map(|id| &*id.namespace)).collect()
}

fn subjects(resource: &Resource, moved: &HashSet<&str>, sources: &Sources, notes: &mut Vec<Note>) {
    for subject in resource.node.get("subjects").map(Node::items).unwrap_or_default() {
        let Some(namespace) = subject.get("namespace") else { continue };
        let now = namespace.text().unwrap_or_default();
        let Some(written) =
            written(namespace, sources).filter(|written| !written.is_empty() && *written != now && !moved.contains(written))
        else {
            continue;
        };
        let name = subject.str_at(&["name"]).unwrap_or_default();
        let message = format!(
            "the subject `{name}` of {} is in namespace `{written}` as written, and nothing here is; this makes it one of `{now}`",
            resource.id()
        );
        notes.push(Note::new(NoteKind::NamespaceOverwritten, message, namespace.origin.clone()));
    }
}

//! What a patch takes out by putting something in its place, and what a person would want to know of it.

use std::collections::HashSet;

use crate::note::NoteKind;
use crate::object::schema::Schema;
use crate::source::Origin;
use crate::yaml::node::{Entry, Node, Removal, Value};

use super::directive::DIRECTIVE;
use super::walk::{Merge, Path};

/// Lists that are replaced as a whole although people add to them: rules that allow something, and what a container is told.
const APPENDED: [&str; 6] = [
    "spec.ingress",
    "spec.egress",
    "rules",
    "subjects",
    "spec.template.spec.containers.envFrom",
    "spec.template.spec.initContainers.envFrom",
];

impl Merge<'_> {
    /// Replaces a list that has no merge key.
    pub(super) fn replace_list(&mut self, dest: &mut Node, patch: &Node, schema: Schema<'_>, path: Path<'_>) {
        let lost = lost_elements(dest.items(), patch.items(), &patch.origin);
        let looks_mergeable = patch.items().iter().chain(dest.items()).all(|item| item.get("name").is_some());
        if matches!(schema, Schema::Unknown) && looks_mergeable && !lost.is_empty() {
            let names = lost.iter().map(|removal| format!("`{}`", removal.key)).collect::<Vec<_>>().join(", ");
            let message = format!("the list `{path}` is replaced, not merged, because Kustomize knows no merge key for it; lost: {names}");
            self.note(NoteKind::ListReplaced, message, &patch.origin);
        } else if let Some((label, fields)) = lost_fields(dest.items(), patch.items()).filter(|_| matches!(schema, Schema::Unknown)) {
            let message = format!(
                "the list `{path}` is replaced, not merged, because Kustomize knows no merge key for it; `{label}` loses {}",
                fields.join(", ")
            );
            self.note(NoteKind::ListReplaced, message, &patch.origin);
        } else if APPENDED.contains(&&*path.to_string()) && lost_any(dest.items(), patch.items()) {
            let message = format!("the list `{path}` is replaced, not merged, and what it had is gone");
            self.note(NoteKind::ListReplaced, message, &patch.origin);
        }
        if let Some(directive) = patch.items().iter().find_map(|item| item.get(DIRECTIVE)) {
            let message = format!("`$patch` stays in `{path}` as a field: Kustomize knows no merge key for this list, and replaces it");
            self.note(NoteKind::DirectiveIgnored, message, &directive.origin);
        }
        dest.replace(patch.clone());
        if let Some(seq) = dest.as_seq_mut() {
            lost.into_iter().for_each(|removal| seq.note_removal(removal));
        }
    }
}

/// The first element of `new` that has the name of one of `old` and not all of its fields, with the fields that it lacks.
fn lost_fields<'n>(old: &'n [Node], new: &[Node]) -> Option<(&'n str, Vec<String>)> {
    old.iter().find_map(|old| {
        let name = old.str_at(&["name"])?;
        let new = new.iter().find(|new| new.str_at(&["name"]) == Some(name))?;
        let fields: Vec<String> =
            old.entries().iter().filter(|entry| new.get(&entry.key.text).is_none()).map(|entry| format!("`{}`", entry.key.text)).collect();
        (!fields.is_empty()).then_some((name, fields))
    })
}

/// Whether an element of `old` is not in `new` as it was.
fn lost_any(old: &[Node], new: &[Node]) -> bool {
    old.iter().any(|old| !new.iter().any(|new| is_same(old, new)))
}

fn is_same(one: &Node, other: &Node) -> bool {
    match (&one.value, &other.value) {
        (Value::Scalar(one), Value::Scalar(other)) => one.text == other.text,
        (Value::Seq(one), Value::Seq(other)) => {
            one.items.len() == other.items.len() && std::iter::zip(&one.items, &other.items).all(|(one, other)| is_same(one, other))
        }
        (Value::Map(one), Value::Map(map)) => {
            let same = |entry: &Entry| other.get(&entry.key.text).is_some_and(|other| is_same(&entry.value, other));
            one.entries().len() == map.entries().len() && one.entries().iter().all(same)
        }
        _ => false,
    }
}

/// The elements of `old`, by name or text, that `new` does not have.
pub(super) fn lost_elements(old: &[Node], new: &[Node], by: &Origin) -> Vec<Removal> {
    let kept: HashSet<&str> = new.iter().filter_map(label).collect();
    old.iter()
        .filter_map(|item| Some((label(item)?, item)))
        .filter(|(label, _)| !kept.contains(label))
        .map(|(label, item)| Removal { key: label.into(), by: by.clone(), had: item.origin.clone() })
        .collect()
}

/// What an element of a list goes by in a [`Removal`]: its name, or its own text.
fn label(item: &Node) -> Option<&str> {
    item.text().or_else(|| item.get("name")?.text())
}

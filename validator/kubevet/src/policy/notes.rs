//! The notes of a build, as rules know them.

use kustomize::{DeprecatedField, Note, NoteKind};
use regorus::Value;

use super::value;

/// A note as rules see it.
pub(super) fn noted(note: &Note) -> Value {
    let kind = value::with_entry(Value::new_object(), "kind", Value::from(kind_name(note.kind)));
    let noted = value::with_entry(kind, "message", Value::from(note.message.as_str()));
    match &note.deprecated {
        Some(field) => value::with_entry(noted, "deprecated", deprecated(field)),
        None => noted,
    }
}

fn deprecated(field: &DeprecatedField) -> Value {
    let name = value::with_entry(Value::new_object(), "name", Value::from(field.name));
    let successor = value::with_entry(name, "successor", Value::from(field.successor));
    value::with_entry(successor, "value", value::from_node(&field.value))
}

/// A note's kind as rules know it.
pub(super) fn kind_name(kind: NoteKind) -> &'static str {
    match kind {
        NoteKind::TargetMatchesNothing => "target-matches-nothing",
        NoteKind::ImageMatchesNothing => "image-matches-nothing",
        NoteKind::ValueChanged => "value-changed",
        NoteKind::ElementLost => "element-lost",
        NoteKind::ListReplaced => "list-replaced",
        NoteKind::DirectiveIgnored => "directive-ignored",
        NoteKind::ReplaceAdded => "replace-added",
        NoteKind::VariableUnused => "variable-unused",
        NoteKind::InitContainersReordered => "init-containers-reordered",
        NoteKind::FieldDeprecated => "deprecated-field",
        NoteKind::HashDisabled => "hash-disabled",
        NoteKind::ContentIgnored => "content-ignored",
        NoteKind::KeyRepeated => "key-repeated",
        NoteKind::AffixRepeated => "affix-repeated",
        NoteKind::DeletesNothing => "deletes-nothing",
        NoteKind::DeletesMore => "deletes-more",
        NoteKind::TargetIsWider => "target-is-wider",
        NoteKind::QuotesKept => "quotes-kept",
        NoteKind::FieldUnknown => "field-unknown",
        NoteKind::FormerName => "former-name",
        NoteKind::LabelSpread => "label-spread",
        NoteKind::NamespaceOverwritten => "namespace-overwritten",
        NoteKind::NameWithoutHash => "name-without-hash",
        NoteKind::ReferenceLeft => "reference-left",
        NoteKind::ReferenceMoves => "reference-moves",
        NoteKind::PluginSkipped => "plugin-skipped",
    }
}

/// The names of all kinds of notes.
pub(super) fn kind_names() -> impl Iterator<Item = &'static str> {
    NoteKind::ALL.into_iter().map(kind_name)
}

//! Edits of files, as an editor makes them: to the texts that it has open, and to those on disk.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;

use gen_lsp_types::{
    CreateFile, DocumentChange, OptionalVersionedTextDocumentIdentifier, TextDocumentEdit, TextDocumentIdentifier, TextEdit, WorkspaceEdit,
};
use similar::{DiffOp, TextDiff};

use super::abilities::Abilities;
use super::documents::Documents;
use super::position::{Encoding, Lines};
use crate::fix::FixedFile;

/// All the edits of some files.
///
/// # Errors
/// The editor can't make them.
pub(super) fn of_files(files: &[FixedFile], documents: &Documents, abilities: Abilities) -> Result<WorkspaceEdit, String> {
    if let Some(new) = files.iter().find(|file| file.before.is_none() && !abilities.creates_files) {
        return Err(format!("it makes {}, and the editor says that it can't make files", new.path.display()));
    }
    let edits = |file: &FixedFile| edits(file.before.as_deref().unwrap_or_default(), &file.after, abilities.encoding);
    if !abilities.versions_edits {
        let changes = files.iter().map(|file| (documents.name(&file.path).0, edits(file))).collect();
        return Ok(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() });
    }
    let mut changes = Vec::new();
    for file in files {
        let (uri, version) = documents.name(&file.path);
        if file.before.is_none() {
            changes.push(DocumentChange::CreateFile(CreateFile { uri: uri.clone(), options: None, annotation_id: None }));
        }
        let text_document = OptionalVersionedTextDocumentIdentifier { version, text_document_identifier: TextDocumentIdentifier { uri } };
        let edits = edits(file).into_iter().map(Into::into).collect();
        changes.push(DocumentChange::TextDocumentEdit(TextDocumentEdit { text_document, edits }));
    }
    Ok(WorkspaceEdit { document_changes: Some(changes), ..WorkspaceEdit::default() })
}

/// One edit of a file as it is.
pub(super) fn of_file(file: &Path, edit: TextEdit, documents: &Documents) -> WorkspaceEdit {
    WorkspaceEdit { changes: Some(HashMap::from([(documents.name(file).0, vec![edit])])), ..WorkspaceEdit::default() }
}

/// What makes an old text a new one, line by line.
fn edits(before: &str, after: &str, encoding: Encoding) -> Vec<TextEdit> {
    let lines = Lines::new(before, encoding);
    let diff = TextDiff::from_lines(before, after);
    let starts = |pieces: &[&str]| -> Vec<usize> {
        let ends = pieces.iter().scan(0, |at, piece| {
            *at += piece.len();
            Some(*at)
        });
        std::iter::once(0).chain(ends).collect()
    };
    let (old, new) = (starts(diff.old_slices()), starts(diff.new_slices()));
    let at = |starts: &[usize], index: usize| starts.get(index).copied().unwrap_or_default();
    let edit = |from: Range<usize>, to: Range<usize>| {
        let range = lines.range(at(&old, from.start), at(&old, from.end));
        let new_text = after.get(at(&new, to.start)..at(&new, to.end)).unwrap_or_default().to_owned();
        TextEdit { range, new_text }
    };
    // What is between two runs of lines that stay.
    let (mut edits, mut from, mut to) = (Vec::new(), 0, 0);
    let end = DiffOp::Equal { old_index: old.len() - 1, new_index: new.len() - 1, len: 0 };
    for op in diff.ops().iter().filter(|op| matches!(op, DiffOp::Equal { .. })).chain([&end]) {
        let (same, here) = (op.old_range(), op.new_range());
        if from < same.start || to < here.start {
            edits.push(edit(from..same.start, to..here.start));
        }
        (from, to) = (same.end, here.end);
    }
    edits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(before: &str, after: &str) -> String {
        let lines = Lines::new(before, Encoding::Utf16);
        let mut text = before.to_owned();
        for edit in edits(before, after, Encoding::Utf16).iter().rev() {
            text.replace_range(lines.offset(edit.range.start)..lines.offset(edit.range.end), &edit.new_text);
        }
        text
    }

    proptest::proptest! {
        #[test]
        fn edits_make_the_one_the_other(before in "([ab𝒳]{0,2}(\n|\r\n)){0,6}[ab]{0,2}", after in "([ab𝒳]{0,2}(\n|\r\n)){0,6}[ab]{0,2}") {
            proptest::prop_assert_eq!(applied(&before, &after), after);
        }
    }
}

//! What the editor has open: texts that count instead of those on disk.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gen_lsp_types::{Range, TextDocumentContentChangeEvent, Uri};

use super::position::{Encoding, Lines};
use super::uri;
use crate::drafts::Drafts;

/// An open file.
#[derive(Clone, Debug)]
struct Document {
    /// As the editor calls it.
    uri: Uri,
    version: i32,
    text: Arc<str>,
}

/// The open files, by their paths without links.
#[derive(Clone, Debug, Default)]
pub(super) struct Documents {
    open: BTreeMap<PathBuf, Document>,
    encoding: Encoding,
}

impl Documents {
    pub(super) fn new(encoding: Encoding) -> Self {
        Self { open: BTreeMap::new(), encoding }
    }

    /// Opens a file, or says what an open one is now. What is no file of this machine is passed over: nothing builds on it.
    pub(super) fn open(&mut self, uri: Uri, version: i32, text: String) -> Option<PathBuf> {
        let path = real(&uri::to_path(&uri)?);
        self.open.insert(path.clone(), Document { uri, version, text: text.into() });
        Some(path)
    }

    /// Applies changes one after the other.
    pub(super) fn change(&mut self, uri: &Uri, version: i32, changes: Vec<TextDocumentContentChangeEvent>) -> Option<PathBuf> {
        let path = real(&uri::to_path(uri)?);
        let document = self.open.get_mut(&path)?;
        let mut text = document.text.to_string();
        for change in changes {
            match change {
                TextDocumentContentChangeEvent::TextDocumentContentChangePartial(change) => {
                    splice(&mut text, change.range, &change.text, self.encoding);
                }
                TextDocumentContentChangeEvent::TextDocumentContentChangeWholeDocument(change) => text = change.text,
            }
        }
        (document.version, document.text) = (version, text.into());
        Some(path)
    }

    /// Closes a file: from now on it is what the disk has.
    pub(super) fn close(&mut self, uri: &Uri) -> Option<PathBuf> {
        let path = real(&uri::to_path(uri)?);
        self.open.remove(&path).map(|_| path)
    }

    /// How the editor calls a file, and which version of it is open, if one is.
    pub(super) fn name(&self, path: &Path) -> (Uri, Option<i32>) {
        match self.open.get(path).or_else(|| self.open.get(&real(path))) {
            Some(document) => (document.uri.clone(), Some(document.version)),
            None => (uri::of_path(path), None),
        }
    }

    /// The text of an open file, by its path without links.
    pub(super) fn text(&self, path: &Path) -> Option<&str> {
        self.open.get(path).map(|document| &*document.text)
    }

    /// All open texts, over what the disk has.
    pub(super) fn drafts(&self) -> Drafts {
        let mut drafts = Drafts::default();
        for (path, document) in &self.open {
            // A path behind links in a circle is one that no build can read either.
            let _ = drafts.write(path, Arc::clone(&document.text));
        }
        drafts
    }
}

/// Puts text in the place of a range.
fn splice(text: &mut String, range: Range, new: &str, encoding: Encoding) {
    let lines = Lines::new(text, encoding);
    let (start, end) = (lines.offset(range.start), lines.offset(range.end));
    text.replace_range(start.min(end)..end.max(start), new);
}

/// A path without links, as far as it exists.
fn real(path: &Path) -> PathBuf {
    let above = path.ancestors().find_map(|above| Some((above.canonicalize().ok()?, path.strip_prefix(above).ok()?)));
    above.map_or_else(|| path.to_owned(), |(above, below)| if below.as_os_str().is_empty() { above } else { above.join(below) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use gen_lsp_types::Position;

    fn after(text: &str, edits: &[([u32; 4], &str)]) -> String {
        let mut text = text.to_owned();
        for ([line, character, end_line, end], new) in edits {
            let start = Position { line: *line, character: *character };
            let range = Range { start, end: Position { line: *end_line, character: *end } };
            splice(&mut text, range, new, Encoding::Utf16);
        }
        text
    }

    #[test]
    fn edits_are_applied_in_their_order() {
        assert_eq!(after("a\nb\nc\n", &[([1, 0, 2, 0], ""), ([1, 1, 1, 1], "!")]), "a\nc!\n");
        assert_eq!(after("𝒳b", &[([0, 2, 0, 3], "é")]), "𝒳é");
        assert_eq!(after("ab", &[([0, 2, 0, 0], "x")]), "x", "a range that is the wrong way round");
        assert_eq!(after("ab", &[([9, 9, 9, 9], "x")]), "abx", "behind the end");
    }
}

//! Source files and the origins that point into them.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// A file that was read, with an index of its lines.
#[derive(Debug)]
pub struct Source {
    path: PathBuf,
    text: Cow<'static, str>,
    address: Option<Box<str>>,
    line_starts: OnceLock<Box<[u32]>>,
    /// How many characters begin before each [`Self::PIECE`].
    characters: OnceLock<Box<[u32]>>,
}

impl Source {
    /// In a line that is longer than this, columns are not counted from its start.
    const PIECE: usize = 1 << 12;

    /// A source with the given path (as people should see it) and text.
    pub fn new(path: impl Into<PathBuf>, text: impl Into<Box<str>>) -> Self {
        Self::of_text(path.into(), String::from(text.into()).into())
    }

    /// A source whose text is part of the program.
    pub fn of_program(path: impl Into<PathBuf>, text: &'static str) -> Self {
        Self::of_text(path.into(), text.into())
    }

    fn of_text(path: PathBuf, text: Cow<'static, str>) -> Self {
        Self { path, text, address: None, line_starts: OnceLock::new(), characters: OnceLock::new() }
    }

    /// The same source, of which the path leads to a copy: it comes from that address.
    pub fn with_address(self, address: Option<String>) -> Self {
        Self { address: address.map(String::into_boxed_str), ..self }
    }

    /// Where it comes from, if not from the project.
    pub fn address(&self) -> Option<&str> {
        self.address.as_deref()
    }

    /// The path, as it was reached from the directory that was built.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Byte offset of the first byte of each line.
    pub fn line_starts(&self) -> &[u32] {
        self.line_starts.get_or_init(|| {
            let newlines = self.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
            std::iter::once(0).chain(newlines.map(|(at, _)| at as u32 + 1)).collect()
        })
    }

    /// Line and column of a byte offset, both from 1; the column counts characters, not bytes.
    pub fn position(&self, offset: u32) -> (u32, u32) {
        let starts = self.line_starts();
        let line = starts.partition_point(|start| *start <= offset);
        let start = starts[line - 1] as usize;
        let end = (offset as usize).clamp(start, self.text.len());
        let column = if end - start <= Self::PIECE {
            characters(&self.text.as_bytes()[start..end])
        } else {
            self.characters_before(end) - self.characters_before(start)
        };
        (line as u32, column + 1)
    }

    fn characters_before(&self, offset: usize) -> u32 {
        let bytes = self.text.as_bytes();
        let before = self.characters.get_or_init(|| {
            let counts = bytes.chunks(Self::PIECE).scan(0, |count, piece| {
                let before = *count;
                *count += characters(piece);
                Some(before)
            });
            counts.collect()
        });
        // Behind the last piece there may be none.
        let piece = (offset / Self::PIECE).min(before.len().saturating_sub(1));
        before.get(piece).map_or(0, |count| count + characters(&bytes[piece * Self::PIECE..offset]))
    }
}

/// How many characters begin in a part of a text.
fn characters(bytes: &[u8]) -> u32 {
    bytes.iter().filter(|&&byte| byte & 0xc0 != 0x80).count() as u32
}

/// Names a [`Source`] within its [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(u32);

impl SourceId {
    /// How many sources are before this one.
    pub(crate) fn index(self) -> u32 {
        self.0
    }
}

/// All files that one or more builds read.
#[derive(Clone, Debug, Default)]
pub struct Sources(Vec<Arc<Source>>);

impl Sources {
    /// Adds a file and names it.
    pub fn add(&mut self, source: Source) -> SourceId {
        self.share(Arc::new(source))
    }

    /// Adds a file that others have too, and names it.
    pub(crate) fn share(&mut self, source: Arc<Source>) -> SourceId {
        self.0.push(source);
        SourceId(self.0.len() as u32 - 1)
    }

    /// Adds files that are shared with other builds, and gives what must be added to their ids.
    pub(crate) fn append(&mut self, sources: Vec<Arc<Source>>) -> u32 {
        let by = self.0.len() as u32;
        self.0.extend(sources);
        by
    }

    pub(crate) fn into_vec(self) -> Vec<Arc<Source>> {
        self.0
    }

    /// The file of that name. Ids are only ever made by [`Sources::add`].
    pub fn get(&self, id: SourceId) -> &Arc<Source> {
        &self.0[id.0 as usize]
    }

    /// Every file with its name.
    pub fn iter(&self) -> impl Iterator<Item = (SourceId, &Arc<Source>)> {
        self.0.iter().enumerate().map(|(index, source)| (SourceId(index as u32), source))
    }
}

/// Where a node comes from: a byte range of a source, and what stood in its place before.
///
/// For the value of a map entry, `key..end` covers `key: value` and `start..end` the value alone; for anything else `key == start`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The file.
    pub source: SourceId,
    /// First byte of the entry's key, or of the value where there is no key.
    pub key: u32,
    /// First byte of the value.
    pub start: u32,
    /// One past the last byte of the value.
    pub end: u32,
    previous: Option<Arc<Origin>>,
}

impl Origin {
    /// How many earlier origins a node remembers; older ones but the first (the base) are forgotten beyond it.
    const LONGEST_HISTORY: usize = 16;

    /// The origin of a value that has no key.
    pub fn new(source: SourceId, start: u32, end: u32) -> Self {
        Self { source, key: start, start, end, previous: None }
    }

    /// The same value as that of a map entry whose key starts at `key`.
    pub fn with_key(mut self, key: u32) -> Self {
        self.key = key;
        self
    }

    /// This origin, remembering that it took the place of `old`.
    pub fn replacing(mut self, old: &Origin) -> Self {
        let previous = if old.history().count() >= Self::LONGEST_HISTORY { old.previous.clone() } else { Some(Arc::new(old.clone())) };
        self.previous = previous;
        self
    }

    /// Names the same source in [`Sources`] where its id is `by` higher, modulo 2^32.
    pub(crate) fn shift(&mut self, by: u32) {
        self.source.0 = self.source.0.wrapping_add(by);
        if let Some(previous) = &mut self.previous {
            Arc::make_mut(previous).shift(by);
        }
    }

    /// What this origin took the place of.
    pub fn previous(&self) -> Option<&Origin> {
        self.previous.as_deref()
    }

    /// This origin and all before it, newest first.
    pub fn history(&self) -> impl Iterator<Item = &Origin> {
        std::iter::successors(Some(self), |origin| origin.previous())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_long_lines_count_characters() {
        let text = format!("first\n{}", "aé日𝒳".repeat(4 * Source::PIECE));
        let source = Source::new("x.yaml", text.as_str());
        let column = |end: usize| text[6..end].chars().count() as u32 + 1;
        for at in (6..text.len()).step_by(997).chain([6, 6 + Source::PIECE, text.len()]).filter(|&at| text.is_char_boundary(at)) {
            assert_eq!(source.position(at as u32), (2, column(at)), "{at}");
        }
        assert_eq!(source.position(u32::MAX), (2, column(text.len())));
        assert_eq!(Source::new("x.yaml", "").position(7), (1, 1));
    }
}

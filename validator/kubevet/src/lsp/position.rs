//! Positions as editors count them, and bytes as kubevet does.

use gen_lsp_types::{Position, PositionEncodingKind, Range};

/// How columns are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Encoding {
    /// In bytes.
    Utf8,
    /// In units of UTF-16, which every client can.
    #[default]
    Utf16,
}

impl Encoding {
    /// The best of those that a client offers.
    pub(super) fn of_client(offered: Option<&[PositionEncodingKind]>) -> Self {
        let is_utf8 = |kind: &PositionEncodingKind| *kind == PositionEncodingKind::UTF8;
        if offered.is_some_and(|offered| offered.iter().any(is_utf8)) { Self::Utf8 } else { Self::Utf16 }
    }

    /// What the server says that it uses.
    pub(super) fn kind(self) -> PositionEncodingKind {
        match self {
            Self::Utf8 => PositionEncodingKind::UTF8,
            Self::Utf16 => PositionEncodingKind::UTF16,
        }
    }

    fn length(self, text: &str) -> usize {
        match self {
            Self::Utf8 => text.len(),
            Self::Utf16 => text.chars().map(char::len_utf16).sum(),
        }
    }
}

/// A text with an index of its lines.
#[derive(Clone, Debug)]
pub(super) struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
    encoding: Encoding,
}

impl<'t> Lines<'t> {
    pub(super) fn new(text: &'t str, encoding: Encoding) -> Self {
        let starts = std::iter::once(0).chain(ends(text)).collect();
        Self { text, starts, encoding }
    }

    /// The position of a byte; one behind the end is that of the end.
    pub(super) fn position(&self, offset: usize) -> Position {
        let offset = nearest(self.text, offset);
        let line = self.starts.partition_point(|start| *start <= offset).saturating_sub(1);
        let start = self.starts.get(line).copied().unwrap_or_default();
        let before = self.text.get(start..offset).unwrap_or_default();
        Position { line: number(line), character: number(self.encoding.length(before)) }
    }

    /// The range of some bytes.
    pub(super) fn range(&self, start: usize, end: usize) -> Range {
        Range { start: self.position(start), end: self.position(end.max(start)) }
    }

    /// The byte at a position. As the protocol wants it, a column behind the end of its line is that end; a line behind the last is the end.
    pub(super) fn offset(&self, position: Position) -> usize {
        let Some(&start) = self.starts.get(position.line as usize) else { return self.text.len() };
        let next = self.starts.get(position.line as usize + 1).copied().unwrap_or(self.text.len());
        let line = self.text.get(start..next).unwrap_or_default().trim_end_matches(['\n', '\r']);
        let mut left = position.character as usize;
        for (at, character) in line.char_indices() {
            let length = self.encoding.length(character.encode_utf8(&mut [0; 4]));
            // What is in the middle of a character is at its beginning.
            if left < length {
                return start + at;
            }
            left -= length;
        }
        start + line.len()
    }
}

/// Behind each line end: `\n`, `\r\n` or `\r`.
fn ends(text: &str) -> impl Iterator<Item = usize> {
    let bytes = text.as_bytes();
    let is_end = |at: &usize| bytes[*at] == b'\n' || (bytes[*at] == b'\r' && bytes.get(at + 1) != Some(&b'\n'));
    (0..bytes.len()).filter(is_end).map(|at| at + 1)
}

fn nearest(text: &str, offset: usize) -> usize {
    let offset = offset.min(text.len());
    (0..=offset).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default()
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(line: u32, character: u32) -> Position {
        Position { line, character }
    }

    #[test]
    fn columns_are_counted_as_agreed() {
        let text = "aé日𝒳b\r\nsecond\rthird\n";
        for (encoding, behind) in [(Encoding::Utf8, 10), (Encoding::Utf16, 5)] {
            let lines = Lines::new(text, encoding);
            assert_eq!(lines.position(10), at(0, behind));
            assert_eq!(lines.offset(at(0, behind)), 10);
            assert_eq!(lines.position(text.find("second").unwrap()), at(1, 0));
            assert_eq!(lines.position(text.find("third").unwrap()), at(2, 0));
            assert_eq!(lines.position(text.len() + 9), at(3, 0));
        }
    }

    #[test]
    fn what_is_nowhere_is_at_the_nearest_place() {
        let lines = Lines::new("a𝒳\nb", Encoding::Utf16);
        assert_eq!(lines.offset(at(0, 2)), 1, "in the middle of a pair");
        assert_eq!(lines.offset(at(0, 99)), 5);
        assert_eq!(lines.offset(at(99, 0)), 7);
        assert_eq!(lines.position(3), at(0, 1), "in the middle of a character");
    }

    proptest::proptest! {
        #[test]
        fn a_byte_keeps_its_place(text in "[a-zé日𝒳\n]{0,60}", offset in 0_usize..200) {
            for encoding in [Encoding::Utf8, Encoding::Utf16] {
                let lines = Lines::new(&text, encoding);
                let offset = nearest(&text, offset);
                proptest::prop_assert_eq!(lines.offset(lines.position(offset)), offset);
            }
        }
    }
}

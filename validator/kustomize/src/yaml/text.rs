//! From bytes to text, and a text's documents.

use std::io::Read;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use crate::error::{Error, ErrorKind, Place};
use crate::source::Source;

/// The longest file that is read. The largest manifests in use, bundles of custom resource definitions, have about 12 MB.
pub const LONGEST_FILE: u64 = 32 << 20;

/// The text of a file's bytes: UTF-8, or UTF-16 with a byte order mark.
///
/// # Errors
/// Where the file is larger than [`LONGEST_FILE`] or neither; the place is the first bad byte.
pub fn decode(path: &Path, bytes: Vec<u8>) -> Result<String, Error> {
    check_length(path, bytes.len() as u64)?;
    match bytes.as_slice() {
        [0xFF, 0xFE, rest @ ..] => return decode_utf16(path, rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => return decode_utf16(path, rest, u16::from_be_bytes),
        _ => {}
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let bytes = error.as_bytes();
        let byte = bytes.get(valid).copied().unwrap_or_default();
        let message = format!("the file is not UTF-8: byte 0x{byte:02X}");
        let text = String::from_utf8_lossy(bytes).into_owned();
        let place = Place { source: Arc::new(Source::new(path, text)), start: valid as u32, end: valid as u32 + 1 };
        Error::new(ErrorKind::Syntax, message).at(place).help("save the file as UTF-8")
    })
}

fn decode_utf16(path: &Path, bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, Error> {
    let (pairs, odd) = bytes.as_chunks::<2>();
    let text: Result<String, _> = char::decode_utf16(pairs.iter().copied().map(unit)).collect();
    let error = |kind, message: &str| {
        let place = Place { source: Arc::new(Source::new(path, "")), start: 0, end: 0 };
        Err(Error::new(kind, message).at(place).help("save the file as UTF-8"))
    };
    match text {
        // Kustomize looks for the bytes of the separator.
        Ok(text) if text.contains("\n---") => {
            error(ErrorKind::Unsupported, "the file is UTF-16, of which kubectl reads but the first document")
        }
        Ok(text) if odd.is_empty() => Ok(text),
        _ => error(ErrorKind::Syntax, "the file is UTF-16, and not well-formed"),
    }
}

/// The text of a file or stream; no more than [`LONGEST_FILE`] is read of it.
///
/// # Errors
/// As [`decode`], and where it cannot be read.
pub fn read_text(path: &Path, stream: impl Read) -> Result<String, Error> {
    let mut bytes = Vec::new();
    let failed = |error| Error::new(ErrorKind::Io, format!("cannot read {}: {error}", path.display()));
    stream.take(LONGEST_FILE + 1).read_to_end(&mut bytes).map_err(failed)?;
    decode(path, bytes)
}

/// An error where a file of `length` bytes is too large to be read.
pub(super) fn check_length(path: &Path, length: u64) -> Result<(), Error> {
    if length <= LONGEST_FILE {
        return Ok(());
    }
    let place = Place { source: Arc::new(Source::new(path, "")), start: 0, end: 0 };
    let message = format!("the file is larger than {} MiB", LONGEST_FILE >> 20);
    Err(Error::new(ErrorKind::Limit, message).at(place).help("split it into several files"))
}

/// The characters that go-yaml's reader refuses, or that only YAML 1.1 takes for a line break, and where they are.
pub(super) fn find_refused(text: &str) -> impl Iterator<Item = (usize, char)> {
    let bytes = text.as_bytes();
    let suspicious = |byte: u8| (byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r')) || matches!(byte, 0x7F | 0xC2 | 0xE2 | 0xEF);
    let mut from = 0;
    std::iter::from_fn(move || {
        while let Some(next) = bytes.get(from..)?.iter().position(|byte| suspicious(*byte)) {
            let at = from + next;
            let character = text.get(at..)?.chars().next()?;
            from = at + character.len_utf8();
            if is_forbidden(character) || matches!(character, '\u{85}' | '\u{2028}' | '\u{2029}') {
                return Some((at, character));
            }
        }
        None
    })
}

/// Whether go-yaml's reader refuses this character.
pub(super) fn is_forbidden(character: char) -> bool {
    match character {
        '\t' | '\n' | '\r' | '\u{85}' => false,
        '\0'..'\u{20}' | '\u{7F}'..'\u{A0}' | '\u{FFFE}' | '\u{FFFF}' => true,
        _ => false,
    }
}

/// A line that starts with `---` and has more on it than a comment, which Kustomize refuses: its range.
pub(super) struct BadSeparator(pub(super) Range<usize>);

/// The parts of a stream as kyaml's `splitDocuments` makes them: the text between lines that start with `---`, each with its last line break.
/// A separator needs a line break before and after it, so a stream's first and last line are none.
pub(super) fn split_documents(text: &str) -> Result<Vec<Range<usize>>, BadSeparator> {
    let bytes = text.as_bytes();
    let mut parts = Vec::new();
    let (mut part, mut from) = (0, 0);
    while let Some(found) = text[from..].find("\n---") {
        let line = from + found + 1;
        let Some(length) = bytes[line..].iter().position(|byte| *byte == b'\n') else { break };
        let rest = text[line + 3..line + length].trim();
        if !rest.is_empty() && !rest.starts_with('#') {
            return Err(BadSeparator(line..line + length));
        }
        parts.push(part..line);
        part = line + length + 1;
        from = part;
    }
    parts.push(part..text.len());
    Ok(parts)
}

/// The values of a JSON stream: the text of each brace or bracket at the top up to its partner, where nothing but white space stands between them.
/// Nothing where the text is not such a stream, or only one value, which is YAML.
pub(super) fn split_json(text: &str) -> Option<Vec<Range<usize>>> {
    if !text.trim_ascii_start().starts_with('{') {
        return None;
    }
    let mut values = Vec::new();
    let (mut depth, mut start, mut quoted, mut escaped) = (0_usize, 0, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' if depth > 0 => quoted = !quoted,
            _ if quoted => {}
            b'{' | b'[' => {
                if depth == 0 {
                    start = at;
                }
                depth += 1;
            }
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    values.push(start..at + 1);
                }
            }
            _ if depth == 0 && !byte.is_ascii_whitespace() => return None,
            _ => {}
        }
    }
    (depth == 0 && values.len() > 1).then_some(values)
}

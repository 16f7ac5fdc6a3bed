//! Places as programs want them: a URI, lines and columns.

use kustomize::Source;
use serde::Serialize;

use crate::paths::shown;

/// Lines and columns from 1; the end column is that of the first character behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Region {
    pub(super) start_line: u32,
    pub(super) start_column: u32,
    pub(super) end_line: u32,
    pub(super) end_column: u32,
}

impl Region {
    pub(super) fn of(source: &Source, start: u32, end: u32) -> Self {
        let (start_line, start_column) = source.position(start);
        let (end_line, end_column) = source.position(end.max(start));
        Self { start_line, start_column, end_line, end_column }
    }
}

/// A path relative to the working directory, as a URI reference.
pub(super) fn uri(source: &Source) -> String {
    let path = shown(source.path()).to_string_lossy().replace('\\', "/");
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

/// The line that a byte is on.
pub(super) fn line_text(source: &Source, offset: u32) -> &str {
    let (line, _) = source.position(offset);
    source.text().lines().nth(line as usize - 1).unwrap_or_default()
}

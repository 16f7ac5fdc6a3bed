//! Places as programs want them: a URI, lines and columns.

use std::path::MAIN_SEPARATOR;

use kustomize::Source;
use serde::Serialize;

use crate::git::in_repository;
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

/// `file:line:column`, for people.
pub(super) fn at(source: &Source, start: u32) -> String {
    let (line, column) = source.position(start);
    format!("{}:{line}:{column}", shown(source.path()).display())
}

/// A path as a URI reference: relative to the top of the checkout where it lies in it, else a URI.
pub(super) fn uri(source: &Source) -> String {
    let path = in_repository(source.path());
    let mut uri = String::from(if path.is_absolute() { "file://" } else { "" });
    for &byte in path.as_os_str().as_encoded_bytes() {
        if char::from(byte) == MAIN_SEPARATOR {
            uri.push('/');
        } else if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn uris_name_the_file_and_nothing_else() {
        // From the top of a checkout, where the tests run in one.
        let here = uri(&Source::new("x", ""));
        let here = here.strip_suffix('x').unwrap();
        for (path, expected) in [
            ("overlays/prod/a b.yaml", "overlays/prod/a%20b.yaml"),
            ("\\back.yaml", "%5Cback.yaml"),
            ("a\\..\\b.yaml", "a%5C..%5Cb.yaml"),
            ("https://x/y.yaml", "https%3A/x/y.yaml"),
            ("a%2f?b#c.yaml", "a%252f%3Fb%23c.yaml"),
            ("x\n::error::.yaml", "x%0A%3A%3Aerror%3A%3A.yaml"),
            ("é\u{202e}.yaml", "%C3%A9%E2%80%AE.yaml"),
        ] {
            assert_eq!(uri(&Source::new(path, "")), format!("{here}{expected}"));
        }
        assert_eq!(uri(&Source::new("//host/x.yaml", "")), "file:///host/x.yaml");
        let raw = std::os::unix::ffi::OsStrExt::from_bytes(b"a\xff.yaml");
        assert_eq!(uri(&Source::new(std::path::Path::new::<std::ffi::OsStr>(raw), "")), format!("{here}a%FF.yaml"));
    }
}

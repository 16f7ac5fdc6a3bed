//! Files as URIs name them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use gen_lsp_types::Uri;

use crate::paths::normalize;

/// The path that a `file:` URI names; nothing for other URIs, and for files of other machines.
pub(super) fn to_path(uri: &Uri) -> Option<PathBuf> {
    let rest = uri.0.strip_prefix("file://")?;
    let path = rest.strip_prefix("localhost").filter(|path| path.starts_with('/')).unwrap_or(rest);
    let path = path.split(['?', '#']).next().filter(|path| path.starts_with('/'))?;
    let path = PathBuf::from(decoded(path)?);
    // Nothing else of a path can be taken for something else than its name.
    Some(normalize(&path))
}

/// A path as a `file:` URI. Relative ones are taken from the working directory.
pub(super) fn of_path(path: &Path) -> Uri {
    let path = normalize(&std::path::absolute(path).unwrap_or_else(|_| path.to_owned()));
    let mut uri = String::from("file://");
    for &byte in path.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    Uri(uri)
}

fn decoded(text: &str) -> Option<OsString> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        if first != b'%' {
            bytes.push(first);
            rest = behind;
            continue;
        }
        let digits = std::str::from_utf8(behind.get(..2)?).ok()?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        rest = behind.get(2..)?;
    }
    // No path has one.
    if bytes.contains(&0) {
        return None;
    }
    #[cfg(unix)]
    return Some(std::os::unix::ffi::OsStringExt::from_vec(bytes));
    #[cfg(not(unix))]
    return String::from_utf8(bytes).ok().map(OsString::from);
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn path(uri: &str) -> Option<String> {
        to_path(&Uri(uri.to_owned())).map(|path| path.display().to_string())
    }

    #[test]
    fn a_uri_names_a_file_and_a_file_its_uri() {
        for name in ["/a/b.yaml", "/a b/é%.yaml", "/a#b?c/x[1].yaml", "/a:b/c+d.yaml"] {
            let uri = of_path(Path::new(name));
            assert_eq!(to_path(&uri), Some(PathBuf::from(name)), "{}", uri.0);
        }
        assert_eq!(path("file:///a/../b/./c%2Eyaml").as_deref(), Some("/b/c.yaml"));
        assert_eq!(path("file://localhost/a").as_deref(), Some("/a"));
    }

    #[test]
    fn other_uris_name_none() {
        for uri in ["untitled:Untitled-1", "file://host/a", "file://a", "file:///a%0", "file:///a%zz", "file:///a%00b", "git:/a", ""] {
            assert_eq!(path(uri), None, "{uri}");
        }
    }
}

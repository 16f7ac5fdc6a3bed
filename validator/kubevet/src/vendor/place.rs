//! Where what was fetched lies below [`super::DIRECTORY`]: it follows from the address and the revision, so that nothing in a lock leads anywhere else.

use std::path::PathBuf;

use sha2::{Digest, Sha256};

/// How much of a revision or hash tells one from others.
const DIGITS: usize = 12;

/// The directory of a repository as it is at a revision.
pub(super) fn of_repository(url: &str, revision: &str) -> PathBuf {
    format!("{}@{}", readable(url), short(revision)).into()
}

/// The file at an address, with that hash (in hexadecimal).
pub(super) fn of_file(url: &str, hash: &str) -> PathBuf {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let name = url.rsplit('/').next().filter(|name| is_plain(name)).unwrap_or("file");
    PathBuf::from(format!("{}@{}", readable(url), short(hash))).join(name)
}

/// What helm makes of a chart, with that hash (in hexadecimal).
pub(super) fn of_chart(name: &str, hash: &str) -> PathBuf {
    PathBuf::from(format!("charts/{}@{}", readable(name), short(hash))).join("chart.yaml")
}

/// Enough of a revision or hash for people.
pub(super) fn short(revision: &str) -> &str {
    revision.get(..DIGITS).unwrap_or(revision)
}

/// An address as a path: the same for no two of them.
fn readable(url: &str) -> String {
    let shown = url.strip_prefix("https://").unwrap_or(url);
    if shown.split('/').all(is_plain) {
        return shown.to_owned();
    }
    let plain = |char: char| if is_plain_char(char) || char == '/' { char } else { '_' };
    let shown: String = shown.chars().map(plain).collect();
    let parts = shown.split('/').map(|part| part.trim_start_matches('.')).filter(|part| !part.is_empty());
    let hash = Sha256::digest(url).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    format!("{}-{}", parts.collect::<Vec<_>>().join("/"), hash.get(..8).unwrap_or_default())
}

fn is_plain_char(char: char) -> bool {
    char.is_ascii_alphanumeric() || matches!(char, '-' | '_' | '.')
}

/// Whether a name is one on every file system, and of nothing that is hidden.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('.') && name.len() < 100 && name.chars().all(is_plain_char)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{of_file, of_repository};

    const REVISION: &str = "0123456789abcdef0123456789abcdef01234567";

    #[test]
    fn places_are_readable_and_stay_inside() {
        assert_eq!(of_repository("https://example.com/a/b.git", REVISION), Path::new("example.com/a/b.git@0123456789ab"));
        assert_eq!(of_file("https://example.com/a/b.yaml?x=y", REVISION), Path::new("example.com/a/b.yaml@0123456789ab/b.yaml"));
        for url in [
            "git@example.com:a/b",
            "file:///a/b",
            "https://example.com/a/../../b",
            "https://example.com/.git/b",
            "https://a//b",
            "ä",
            "",
            "@",
            "https://",
        ] {
            let place = of_repository(url, REVISION);
            let parts: Vec<_> = place.iter().map(|part| part.to_string_lossy()).collect();
            assert!(
                place.is_relative() && parts.iter().all(|part| !part.starts_with('.') && !part.contains([':', '\\'])),
                "{url}: {place:?}"
            );
            assert_ne!(place, of_repository(&format!("{url}/"), REVISION), "{url}");
        }
        assert_ne!(of_repository("http://example.com/a/b", REVISION), of_repository("https://example.com/a/b", REVISION));
        assert!(of_file("https://example.com/..", REVISION).ends_with("file"));
    }
}

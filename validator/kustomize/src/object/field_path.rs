//! How Kustomize writes paths to fields: `spec/template/spec`, `metadata.annotations.[a.b/c]`, `containers.[name=app].image`.
//!
//! The rules are those of `kyaml/utils/pathsplitter.go`.

use std::borrow::Cow;

/// The first part of a path, as [`split`] has it, and the rest behind the delimiter, an ASCII character; none where the path ends with
/// this part.
pub(crate) fn split_first(path: &str, delimiter: u8) -> (Cow<'_, str>, Option<&str>) {
    let mut part = Cow::Borrowed("");
    let mut rest = Some(path);
    while let Some(path) = rest {
        // Parts are short: to look at each character is quicker than to set up a search.
        let end = path.bytes().position(|byte| byte == delimiter);
        let (piece, behind) = match end.and_then(|end| Some((path.get(..end)?, path.get(end + 1..)?))) {
            Some((piece, behind)) => (piece, Some(behind)),
            None => (path, None),
        };
        rest = behind;
        if part.is_empty() {
            part = Cow::Borrowed(piece);
        } else {
            part.to_mut().push_str(piece);
        }
        if behind.is_none() || !piece.ends_with('\\') {
            break;
        }
        let part = part.to_mut();
        part.pop();
        part.push(char::from(delimiter));
    }
    (part, rest)
}

/// Splits a path at `delimiter`; one at the start is left out, one behind a backslash belongs to the part.
pub(crate) fn split(path: &str, delimiter: u8) -> Vec<String> {
    let mut rest = Some(path.strip_prefix(char::from(delimiter)).unwrap_or(path));
    std::iter::from_fn(|| {
        let (part, behind) = split_first(rest?, delimiter);
        rest = behind;
        Some(part.into_owned())
    })
    .collect()
}

/// Splits a path at dots like [`split`], and keeps what is in square brackets in one part.
///
/// The brackets stay where they select a list element (`[name=app.v1]`) and go where they only quote a key (`[app.v1]`).
pub(crate) fn split_bracketed(path: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut pieces = split(path, b'.').into_iter();
    while let Some(mut part) = pieces.next() {
        if part.starts_with('[') && !part.ends_with(']') {
            for piece in pieces.by_ref() {
                part.push('.');
                part.push_str(&piece);
                if piece.ends_with(']') {
                    break;
                }
            }
            if !part.contains('=') {
                part = part.trim_matches(['[', ']']).to_owned();
            }
        }
        parts.push(part);
    }
    parts
}

/// A part that selects elements by a field's value (`[name=app]`) or by their own (`[=app]`): field and value.
///
/// `None` where the part has no brackets; an error text where it has no `=`.
pub(crate) fn element_selector(part: &str) -> Option<Result<(&str, &str), &'static str>> {
    let inner = part.strip_prefix('[')?.strip_suffix(']')?;
    Some(inner.split_once('=').ok_or("list path element must contain fieldName=fieldValue for element to match"))
}

/// Whether a part of a field spec's path selects elements of a list: an index, `-`, `*` or `[field=value]`.
pub(crate) fn is_element(part: &str) -> bool {
    let name = part.strip_suffix("[]").unwrap_or(part).trim();
    match name.as_bytes() {
        [b'*' | b'-'] => true,
        [b'[', ..] => name.ends_with(']'),
        [b'0'..=b'9' | b'-' | b'+', ..] => name.parse::<i64>().is_ok(),
        _ => false,
    }
}

/// A part that is an index into a list.
pub(crate) fn index(part: &str) -> Option<usize> {
    part.parse::<i64>().ok().and_then(|index| usize::try_from(index).ok())
}

#[cfg(test)]
mod tests {
    use super::{element_selector, split, split_bracketed};

    #[test]
    fn delimiters_behind_a_backslash_stay() {
        assert_eq!(split("metadata/annotations/a\\/b", b'/'), ["metadata", "annotations", "a/b"]);
        assert_eq!(split("a\\//b\\/c\\", b'/'), ["a/", "b/c\\"]);
        assert_eq!(split("a", b'/'), ["a"]);
        assert_eq!(split("", b'/'), [""]);
        assert_eq!(split("/a//b", b'/'), ["a", "", "b"]);
    }

    #[test]
    fn brackets_keep_dots() {
        assert_eq!(split_bracketed("metadata.annotations.[a.b/c]"), ["metadata", "annotations", "a.b/c"]);
        assert_eq!(split_bracketed("spec.[name=x.y].image"), ["spec", "[name=x.y]", "image"]);
        assert_eq!(split_bracketed("data.a\\.b"), ["data", "a.b"]);
        assert_eq!(split_bracketed("[a.b"), ["a.b"]);
    }

    #[test]
    fn selectors_need_an_equals_sign() {
        assert_eq!(element_selector("[name=a=b]"), Some(Ok(("name", "a=b"))));
        assert_eq!(element_selector("[=x]"), Some(Ok(("", "x"))));
        assert!(matches!(element_selector("[x]"), Some(Err(_))));
        assert_eq!(element_selector("name"), None);
    }
}

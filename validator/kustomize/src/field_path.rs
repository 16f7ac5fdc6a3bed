//! How Kustomize writes paths to fields: `spec/template/spec`, `metadata.annotations.[a.b/c]`, `containers.[name=app].image`.
//!
//! The rules are those of `kyaml/utils/pathsplitter.go`.

/// Splits a path at `delimiter`; one at the start is left out, one behind a backslash belongs to the part.
pub(crate) fn split(path: &str, delimiter: char) -> Vec<String> {
    let path = path.strip_prefix(delimiter).unwrap_or(path);
    let mut parts: Vec<String> = Vec::new();
    for piece in path.split(delimiter) {
        match parts.last_mut() {
            Some(last) if last.ends_with('\\') => {
                last.pop();
                last.push(delimiter);
                last.push_str(piece);
            }
            _ => parts.push(piece.to_owned()),
        }
    }
    parts
}

/// Splits a path at dots like [`split`], and keeps what is in square brackets in one part.
///
/// The brackets stay where they select a list element (`[name=app.v1]`) and go where they only quote a key (`[app.v1]`).
pub(crate) fn split_bracketed(path: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut pieces = split(path, '.').into_iter();
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

/// A part that is an index into a list.
pub(crate) fn index(part: &str) -> Option<usize> {
    part.parse::<i64>().ok().and_then(|index| usize::try_from(index).ok())
}

#[cfg(test)]
mod tests {
    use super::{element_selector, split, split_bracketed};

    #[test]
    fn delimiters_behind_a_backslash_stay() {
        assert_eq!(split("metadata/annotations/a\\/b", '/'), ["metadata", "annotations", "a/b"]);
        assert_eq!(split("a", '/'), ["a"]);
        assert_eq!(split("", '/'), [""]);
        assert_eq!(split("/a//b", '/'), ["a", "", "b"]);
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

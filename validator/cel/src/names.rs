//! Names of fields that expressions can't write as they are.

use crate::syntax::RESERVED;

/// Words that mean something else than a name to who reads expressions.
const LITERALS: [&str; 4] = ["true", "false", "null", "in"];

/// A field's name as expressions write it; nothing where they can't.
pub fn escaped(name: &str) -> Option<String> {
    // `self.namespace` is `self.__namespace__`.
    if LITERALS.contains(&name) || RESERVED.contains(&name) {
        return Some(format!("__{name}__"));
    }
    if !name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        return None;
    }
    let mut escaped = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(next) = rest.chars().next() {
        let (length, written) = match next {
            _ if rest.starts_with("__") => (2, "__underscores__"),
            '.' => (1, "__dot__"),
            '-' => (1, "__dash__"),
            '/' => (1, "__slash__"),
            'a'..='z' | 'A'..='Z' | '0'..='9' | '_' => (1, &rest[..1]),
            _ => return None,
        };
        escaped.push_str(written);
        rest = &rest[length..];
    }
    Some(escaped)
}

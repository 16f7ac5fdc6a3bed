//! Builtins that only the syntax before 1.0 has.

use super::ast::{Kind, Module, Term};
use super::names;

/// Each with what takes its place.
const OLDER: [(&str, &str, &str); 5] = [
    ("re_match", "regex", "match"),
    ("net.cidr_overlap", "net", "cidr_contains"),
    ("any", "internal", "any"),
    ("all", "internal", "all"),
    ("set_diff", "internal", "minus"),
];

/// What takes the place of a function, if it is one of them.
pub(super) fn successor(function: Term) -> Term {
    let path = function.path().unwrap_or_default().join(".");
    match OLDER.iter().find(|(older, ..)| *older == path) {
        Some((_, first, last)) => {
            let head = Term::var(function.at, *first);
            Term::new(function.at, Kind::Ref(Box::new(head), vec![Term::text(function.at, last)]))
        }
        None => function,
    }
}

/// Whether a module has a rule or an import with the name of one.
pub(super) fn is_defined(module: &Module) -> bool {
    let is_older = |name: &str| OLDER.iter().any(|(older, ..)| *older == name);
    names::defined(module).any(is_older) || module.imports.iter().filter_map(|import| import.name()).any(|name| is_older(&name))
}

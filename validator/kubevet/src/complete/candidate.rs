//! Something that may be written.

use kubevet_facts::schema::Version;
use kustomize::{Node, Sources};

use crate::policy::Catalog;

/// How many candidates there are at most: nobody reads more, and who types on gets others.
pub(super) const MOST: usize = 1_000;

/// What there is around the file.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    /// The version of Kubernetes that judges.
    pub version: Version,
    /// The rules.
    pub catalog: &'a Catalog,
    /// The names of the environments.
    pub environments: &'a [&'a str],
    /// The objects of the overlays, each with the sources that its origins point into.
    pub objects: &'a [(&'a Sources, &'a Node)],
}

/// Something that may be written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    /// What people see in the list, and what they type.
    pub label: String,
    /// What is written.
    pub text: String,
    /// What it is.
    pub kind: Kind,
    /// A word on it.
    pub detail: Option<String>,
    /// Whether something else should be written.
    pub deprecated: bool,
}

/// What a candidate is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A key.
    Field,
    /// One of a few values.
    Value,
    /// A file or a directory.
    File,
    /// The id of a rule.
    Rule,
    /// The name of an object, or of a key of one.
    Name,
}

impl Candidate {
    pub(super) fn new(kind: Kind, label: impl Into<String>) -> Self {
        let label = label.into();
        Self { text: label.clone(), label, kind, detail: None, deprecated: false }
    }

    pub(super) fn detail(self, detail: Option<&str>) -> Self {
        Self { detail: detail.map(str::to_owned), ..self }
    }
}

/// A key as it is written, with what must stand behind it.
pub(super) fn entry(name: &str, (is_list, is_map): (bool, bool), column: usize) -> String {
    let blanks = " ".repeat(column + 2);
    match (is_list, is_map) {
        (true, _) => format!("{name}:\n{blanks}- "),
        (_, true) => format!("{name}:\n{blanks}"),
        _ => format!("{name}: "),
    }
}

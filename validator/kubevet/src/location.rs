//! Objects, paths into them, and places in the sources that they are made of.

use std::fmt;
use std::sync::Arc;

use kubevet_facts::objects::Segment;
use kustomize::{Node, Source};
use serde::Serialize;

use crate::paths::shown;

/// One step of a path into an object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(untagged)]
pub enum Step {
    /// A key of a map.
    Key(String),
    /// An index of a list, from 0.
    Index(usize),
}

impl From<Segment> for Step {
    fn from(segment: Segment) -> Self {
        match segment {
            Segment::Key(key) => Self::Key(key.into()),
            Segment::Index(index) => Self::Index(index),
        }
    }
}

/// Which object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Object {
    /// Its `apiVersion`.
    pub api_version: String,
    /// Its `kind`.
    pub kind: String,
    /// Its namespace, where it names one.
    pub namespace: Option<String>,
    /// Its name, empty where it has none.
    pub name: String,
}

impl Object {
    /// The identity of a rendered object.
    pub fn of(node: &Node) -> Self {
        let text = |keys: &[&str]| node.str_at(keys).map(str::to_owned);
        Self {
            api_version: text(&["apiVersion"]).unwrap_or_default(),
            kind: text(&["kind"]).unwrap_or_default(),
            namespace: text(&["metadata", "namespace"]),
            name: text(&["metadata", "name"]).or_else(|| text(&["metadata", "generateName"])).unwrap_or_default(),
        }
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(f, "{} {namespace}/{}", self.kind, self.name),
            None => write!(f, "{} {}", self.kind, self.name),
        }
    }
}

/// What a location has to do with a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// What caused it: the line to change.
    Cause,
    /// What the cause replaced or removed.
    Replaced,
    /// Another place that belongs to it.
    Related,
}

/// A range in a source file.
#[derive(Clone, Debug)]
pub struct Location {
    /// The file.
    pub source: Arc<Source>,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// What it has to do with the finding.
    pub role: Role,
    /// A word on it.
    pub note: Option<String>,
}

impl Location {
    /// Whether this names a file as a whole, because nothing nearer is known.
    pub fn is_whole_file(&self) -> bool {
        self.start == 0 && self.end as usize >= self.source.text().len()
    }

    /// Whether both are the same lines of the same file.
    pub fn is_at(&self, other: &Self) -> bool {
        (self.start, self.end) == (other.start, other.end) && shown(self.source.path()) == shown(other.source.path())
    }
}

/// A path for people, with list elements by their name: `spec.containers[web].image`.
pub fn path_text(path: &[Step], names: &[Option<&str>]) -> String {
    let mut text = String::new();
    for (at, step) in path.iter().enumerate() {
        match (step, names.get(at).copied().flatten()) {
            (Step::Index(_), Some(name)) => text.push_str(&format!("[{name}]")),
            (Step::Index(index), None) => text.push_str(&format!("[{index}]")),
            (Step::Key(key), _) if key.contains(['.', '/']) => text.push_str(&format!("[\"{key}\"]")),
            (Step::Key(key), _) => {
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(key);
            }
        }
    }
    text
}

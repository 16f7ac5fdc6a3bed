//! What goes wrong, where, and what to do about it.

use std::fmt;
use std::sync::Arc;

use crate::source::{Origin, Source, Sources};

/// A byte range in a source that an error points at.
#[derive(Clone, Debug)]
pub struct Place {
    /// The file; its text may be empty where it could not be read.
    pub source: Arc<Source>,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Place {
    /// The range of `origin`, with the key where there is one.
    pub fn of(sources: &Sources, origin: &Origin) -> Self {
        Self { source: Arc::clone(sources.get(origin.source)), start: origin.key, end: origin.end }
    }
}

/// What kind of thing went wrong; the reader of an error may act on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// A file or directory could not be read.
    Io,
    /// The text is not YAML (or JSON, where that is asked for).
    Syntax,
    /// The build is wrong, and `kubectl kustomize` would refuse it too.
    Invalid,
    /// A feature that this engine does not implement; `kubectl kustomize` may.
    Unsupported,
    /// A limit that keeps hostile input from costing time or memory.
    Limit,
}

/// Why a build failed.
#[derive(Clone, Debug)]
pub struct Error {
    /// What kind of thing went wrong.
    pub kind: ErrorKind,
    /// What is wrong, in one sentence without a trailing period.
    pub message: String,
    /// Where, if it has a place.
    pub place: Option<Place>,
    /// What to do.
    pub help: Option<String>,
    /// Other places that belong to it, each with a word on why (the kustomization that referred to this one, the first of two duplicates).
    pub related: Vec<(Place, String)>,
}

impl Error {
    /// An error without a place.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), place: None, help: None, related: Vec::new() }
    }

    /// The same error at a place; a place that is already there (closer to the cause) is kept.
    pub fn at(mut self, place: Place) -> Self {
        self.place.get_or_insert(place);
        self
    }

    /// The same error with advice.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same error with one more place that belongs to it.
    pub fn related(mut self, place: Place, note: impl Into<String>) -> Self {
        self.related.push((place, note.into()));
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            let (line, column) = place.source.position(place.start);
            write!(f, "{}:{line}:{column}: ", place.source.path().display())?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

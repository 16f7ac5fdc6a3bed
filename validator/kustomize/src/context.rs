//! What a build collects on its way.

use std::path::PathBuf;
use std::sync::Arc;

use crate::builder::Bases;
use crate::error::{Error, ErrorKind, Place};
use crate::note::{Note, NoteKind};
use crate::source::{Origin, Sources};

/// The files, notes and inputs of one build.
#[derive(Debug, Default)]
pub(crate) struct Context {
    pub(crate) sources: Sources,
    pub(crate) notes: Vec<Note>,
    /// Every file read and directory visited, in that order.
    pub(crate) inputs: Vec<PathBuf>,
    /// The directories that have been gone into.
    pub(crate) visits: Vec<Visit>,
    /// The bases of other builds.
    pub(crate) bases: Option<Arc<Bases>>,
    /// Whether what is built is such a base itself.
    pub(crate) is_base: bool,
}

/// A directory that a build has gone into.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    /// The directory, with symbolic links resolved.
    pub(crate) real: PathBuf,
    /// How many kustomizations led there, itself included.
    pub(crate) depth: usize,
}

impl Context {
    /// An error of a wrong build at `origin`.
    pub(crate) fn invalid(&self, origin: &Origin, message: impl Into<String>) -> Error {
        self.error(ErrorKind::Invalid, origin, message)
    }

    /// The refusal of a feature at `origin`.
    pub(crate) fn unsupported(&self, origin: &Origin, message: impl Into<String>) -> Error {
        self.error(ErrorKind::Unsupported, origin, message).help("`kubectl kustomize` may build it")
    }

    /// An error at `origin`.
    pub(crate) fn error(&self, kind: ErrorKind, origin: &Origin, message: impl Into<String>) -> Error {
        Error::new(kind, message).at(Place::of(&self.sources, origin))
    }

    /// Notes something about the line at `origin`.
    pub(crate) fn note(&mut self, kind: NoteKind, origin: &Origin, message: impl Into<String>) {
        self.notes.push(Note::new(kind, message, origin.clone()));
    }
}

//! What a build collects on its way.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::builder::Shared;
use crate::error::{Error, ErrorKind, Place};
use crate::files::File;
use crate::node::Node;
use crate::note::{Note, NoteKind};
use crate::source::{Origin, SourceId, Sources};
use crate::yaml::{self, Dialect};

/// The files, notes and inputs of one build.
#[derive(Debug, Default)]
pub(crate) struct Context {
    pub(crate) sources: Sources,
    pub(crate) notes: Vec<Note>,
    /// Every file read and directory visited, in that order.
    pub(crate) inputs: Vec<PathBuf>,
    /// The directories that have been gone into.
    pub(crate) visits: Vec<Visit>,
    /// What there is of other builds.
    pub(crate) shared: Option<Arc<Shared>>,
    /// Those of the sources that others read too.
    pub(crate) files: HashMap<SourceId, Arc<File>>,
    /// Whether what is built is a base that others may use.
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
    /// The documents of a source, as [`yaml::read()`] gives them.
    pub(crate) fn read(&self, id: SourceId, dialect: Dialect) -> Result<Vec<Node>, Error> {
        match self.files.get(&id) {
            Some(file) => file.read(&self.sources, id, dialect),
            None => yaml::read(&self.sources, id, dialect),
        }
    }

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

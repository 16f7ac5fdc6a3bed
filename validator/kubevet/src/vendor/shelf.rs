//! Where a lock and what it speaks of lie: in the working tree or in a revision.

use std::fmt;
use std::path::{Path, PathBuf};

use kustomize::Error;

use super::tree;
use crate::files::{is_there, read_text};

/// The files of one state of a project, at the places where the working tree has them.
pub(crate) trait Shelf: fmt::Debug + Send + Sync {
    /// The text of a file; nothing where there is none.
    ///
    /// # Errors
    /// It is there and can't be read.
    fn text(&self, path: &Path) -> Result<Option<String>, Error>;

    /// A path without links; nothing where it leads nowhere.
    fn real(&self, path: &Path) -> Option<PathBuf>;

    /// Whether there is a directory.
    fn is_directory(&self, path: &Path) -> bool;

    /// As [`tree::files`].
    ///
    /// # Errors
    /// Those of it.
    fn files(&self, dir: &Path) -> Result<Vec<PathBuf>, Error>;

    /// As [`tree::hash_of_file`].
    ///
    /// # Errors
    /// Those of it.
    fn hash_of_file(&self, path: &Path) -> Result<String, Error>;

    /// As [`tree::hash`].
    ///
    /// # Errors
    /// Those of it.
    fn hash(&self, dir: &Path) -> Result<String, Error> {
        tree::hash_of_all(dir, &self.files(dir)?, |file| self.hash_of_file(file))
    }
}

/// The working tree.
#[derive(Debug)]
pub(super) struct WorkingTree;

impl Shelf for WorkingTree {
    fn text(&self, path: &Path) -> Result<Option<String>, Error> {
        if is_there(path) { read_text(path).map(Some) } else { Ok(None) }
    }

    fn real(&self, path: &Path) -> Option<PathBuf> {
        path.canonicalize().ok()
    }

    fn is_directory(&self, path: &Path) -> bool {
        path.is_dir()
    }

    fn files(&self, dir: &Path) -> Result<Vec<PathBuf>, Error> {
        tree::files(dir)
    }

    fn hash_of_file(&self, path: &Path) -> Result<String, Error> {
        tree::hash_of_file(path)
    }
}
